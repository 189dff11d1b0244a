using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// Several methods on one encoder, trained together (He et al. 2021, "Towards a Unified View of Parameter-Efficient Transfer
/// Learning", arXiv 2110.04366); with gates, each text decides how much of each module it takes (Mao et al. 2021, "UniPELT: A
/// Unified Framework for Parameter-Efficient Language Model Tuning", arXiv 2110.07577).
/// </summary>
[PeftMethodName("union")]
public sealed record PeftUnion : PeftMethod
{
    /// <summary>An empty union, to be given <see cref="Parts"/>.</summary>
    public PeftUnion()
    {
    }

    /// <summary>A union of methods.</summary>
    public PeftUnion(params PeftMethod[] parts) => Parts = parts;

    /// <summary>The methods, in the order in which their modules apply where several are at one place.</summary>
    /// <value>None; at least one must be given.</value>
    public PeftMethod[] Parts { get; set; } = [];

    /// <summary>
    /// Whether what each module adds is multiplied by a gate: the mean over the tokens of a text of σ(w·h + b), where h is what the
    /// projection takes, the sublayer gives, or the layer takes; w and b train, a pair for every module.
    /// </summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool Gated { get; set; }

    /// <summary>The mix-and-match adapter (MAM) of arXiv 2110.04366: prefixes of 30 vectors, and scaled parallel adapters of width 512 beside the feed-forward networks.</summary>
    public static PeftUnion Mam() => new(new PrefixTuning { Length = 30 }, BottleneckAdapter.ScaledParallel());

    /// <summary>UniPELT of arXiv 2110.07577: LoRA of rank 8 whose scale is the gate alone, Pfeiffer's adapters of width 48 and prefixes of 10 vectors, each with a gate ("UniPELT (APL)").</summary>
    public static PeftUnion UniPelt() => new(new Lora { Alpha = 8, Targets = TargetModules.Query | TargetModules.Value }, new BottleneckAdapter { Size = 48 }, new PrefixTuning { Length = 10 }) { Gated = true };

    internal override double DefaultLearningRateFor(EncoderConfig encoder) => Parts.Min(part => part.DefaultLearningRateFor(encoder));

    internal override double LearningRateScale(AdapterParameter parameter) =>
        NamedParts().Where(part => !parameter.Base && parameter.Name.StartsWith(part.Prefix, StringComparison.Ordinal))
            .Select(part => part.Method.LearningRateScale(parameter with { Name = parameter.Name[part.Prefix.Length..] })).FirstOrDefault(1);

    internal override int ReservedLength => Parts.Sum(part => part.ReservedLength);

    internal override bool NeedsPreparation => Parts.Any(part => part.NeedsPreparation);

    /// <summary>The parts with what a part's names begin with: its name, and a number where there are several of the name.</summary>
    internal IEnumerable<(string Prefix, PeftMethod Method)> NamedParts()
    {
        var counts = new Dictionary<string, int>();
        foreach (PeftMethod part in Parts)
        {
            int count = counts[part.MethodName] = counts.GetValueOrDefault(part.MethodName) + 1;
            yield return (count == 1 ? $"{part.MethodName}." : $"{part.MethodName}{count}.", part);
        }
    }

    internal override void Validate()
    {
        if (Parts is not { Length: > 0 } || Parts.Any(part => part is null))
            throw new ArgumentException($"{nameof(PeftUnion)}.{nameof(Parts)} is empty or holds a null; expected at least one method.");
        foreach (PeftMethod part in Parts)
        {
            part.Validate();
            if (part.ReplacesBase)
                throw new ArgumentException($"{nameof(PeftUnion)}.{nameof(Parts)} holds '{part.MethodName}', which replaces the base weights; expected methods that leave a base.");
        }
    }

    internal override PeftMethod For(EncoderConfig encoder) => this with { Parts = [.. Parts.Select(part => part.For(encoder))] };

    internal override void Apply(PeftContext context)
    {
        foreach ((string prefix, PeftMethod method) in NamedParts())
        {
            var part = new PeftContext(context.Model);
            IEnumerable<Placement> placed = part.Placed.Select(placement => placement with { Name = prefix + placement.Name });
            try
            {
                method.Apply(part);
                if (Gated)
                    placed = [.. Gates.Around(placed, context.Encoder.Config, method)];
            }
            finally
            {
                context.Adopt(prefix, placed, part.Trained, part.TrainedByPart);
            }
        }
    }

    /// <summary>Each part is prepared as if it were alone.</summary>
    internal override PeftMethod Prepare(PeftPreparation preparation) =>
        this with { Parts = [.. Parts.Select(part => part.NeedsPreparation ? part.Prepare(preparation) : part)] };

    internal override PeftTraining? CreateTraining(PeftAdapter adapter)
    {
        var trainings = new List<(string Prefix, PeftTraining Training)>();
        foreach ((string prefix, PeftMethod method) in NamedParts())
            if (method.CreateTraining(adapter.Part(method, prefix)) is { } training)
                trainings.Add((prefix, training));
        return trainings.Count == 0 ? null : new UnionTraining(trainings);
    }

    internal override FinishedMethod? Finish(PeftAdapter adapter)
    {
        (string Prefix, FinishedMethod? Finished, PeftMethod Method)[] parts =
            [.. NamedParts().Select(part => (part.Prefix, part.Method.Finish(adapter.Part(part.Method, part.Prefix)), part.Method))];
        if (parts.All(part => part.Finished is null))
            return null;
        PeftUnion union = this with { Parts = [.. parts.Select(part => part.Finished?.Method ?? part.Method)] };
        var values = new Dictionary<string, Tensor>();
        foreach (var ((before, finished, _), (after, _)) in parts.Zip(union.NamedParts()))
        {
            foreach (var (name, value) in adapter.Own.Select(own => (own.Name, (Tensor)own.Parameter)).Concat(adapter.State))
                if (name.StartsWith(before, StringComparison.Ordinal))
                    values[after + name[before.Length..]] = value;
            foreach (var (name, value) in finished?.Values ?? new Dictionary<string, Tensor>())
                values[after + name] = value;
        }
        return new FinishedMethod(union, values);
    }

    internal override bool SizeIsLearnt => Parts.Any(part => part.SizeIsLearnt);

    /// <summary>Of each part what it leaves, and the gates.</summary>
    internal override long FinishedCount(PeftAdapter adapter)
    {
        long count = adapter.Own.Sum(parameter => parameter.Parameter.numel());
        foreach ((string prefix, PeftMethod method) in NamedParts())
        {
            PeftAdapter part = adapter.Part(method, prefix);
            count += method.FinishedCount(part) - part.Own.Sum(parameter => parameter.Parameter.numel());
        }
        return count;
    }

    internal override bool IsDropped(Placement placed) =>
        NamedParts().Any(part => placed.IsOf(part.Prefix) && part.Method.IsDropped(placed.Unprefixed(part.Prefix)));

    internal override string FileName(AdapterParameter parameter, CheckpointNames names)
    {
        if (!parameter.Base)
            foreach ((string prefix, PeftMethod method) in NamedParts())
                if (parameter.Name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    string name = method.FileName(parameter with { Name = parameter.Name[prefix.Length..] }, names);
                    return AdapterFiles.Prefix + prefix + (name.StartsWith(AdapterFiles.Prefix, StringComparison.Ordinal) ? name[AdapterFiles.Prefix.Length..] : name);
                }
        return base.FileName(parameter, names);
    }

    /// <summary>Whether the other is a union of equal parts.</summary>
    public bool Equals(PeftUnion? other) => base.Equals(other) && Gated == other.Gated && Parts.AsSpan().SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Aggregate(HashCode.Combine(Gated), HashCode.Combine);
}
