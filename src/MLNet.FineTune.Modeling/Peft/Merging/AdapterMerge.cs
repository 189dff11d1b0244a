using System.Text.RegularExpressions;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Merges adapters of one encoder into one LoRA adapter.</summary>
internal static class AdapterMerge
{
    /// <summary>The merged adapter's method and the values of its modules and head.</summary>
    /// <param name="parts">The adapters and how much each counts.</param>
    /// <param name="options">The recipe.</param>
    /// <exception cref="ArgumentException">An adapter does something else than change weight matrices, or its weight is no number; the message names it.</exception>
    public static FinishedMethod Merge(IReadOnlyList<(string Name, PeftAdapter Adapter, double Weight)> parts, AdapterMergeOptions options)
    {
        options.Validate();
        foreach ((string name, PeftAdapter adapter, double weight) in parts)
        {
            if (!double.IsFinite(weight))
                throw new ArgumentException(FormattableString.Invariant($"The weight of the adapter '{name}' is {weight}; expected a finite number."));
            Check(name, adapter);
        }
        TaskModel model = parts[0].Adapter.Model;
        using var generator = new Generator((ulong)options.Seed, CPU);
        var values = new Dictionary<string, Tensor>();
        var paths = new List<string>();
        List<(string Path, Tensor Delta)> merged = [];
        foreach (var (path, linear) in model.Linears())
        {
            var deltas = parts.Select(part => (Delta: Delta(part.Adapter, linear), part.Weight)).Where(part => part.Delta is not null).ToList();
            if (deltas.Count > 0)
                merged.Add((path, DeltaMerge.Merge([.. deltas.Select(part => part.Delta!.cpu())], [.. deltas.Select(part => part.Weight)], options, generator)));
        }
        int rank = options.Rank ?? Math.Max(1, merged.Max(part => DeltaMerge.NumericalRank(part.Delta)));
        foreach ((string path, Tensor delta) in merged)
        {
            (Tensor a, Tensor b) = DeltaMerge.Factorize(delta, (int)Math.Min(rank, Math.Min(delta.size(0), delta.size(1))));
            paths.Add(path);
            values[$"{path}.lora_A.weight"] = Widen(a, 0, rank);
            values[$"{path}.lora_B.weight"] = Widen(b, 1, rank);
        }
        AddHead(parts, values);
        string pattern = string.Join('|', paths.Select(path => Regex.Escape(model.Names.Module(path))));
        return new FinishedMethod(new Lora { Rank = rank, Alpha = rank, TargetPattern = pattern }, values);
    }

    /// <summary>What the adapter's modules at a projection add to its weight; null where it has none there.</summary>
    private static Tensor? Delta(PeftAdapter adapter, AdaptableLinear linear) =>
        adapter.ModulesAt(linear) is { Count: > 0 } modules ? LinearChange.Of(linear, modules)!.Weight : null;

    /// <summary>Heads of one shape are averaged; of several shapes, the first adapter's is taken.</summary>
    private static void AddHead(IReadOnlyList<(string Name, PeftAdapter Adapter, double Weight)> parts, Dictionary<string, Tensor> values)
    {
        var heads = parts.Select(part => part.Adapter.TrainedBase.ToDictionary(p => p.Name, p => (Tensor)p.Parameter)).ToList();
        double total = parts.Sum(part => part.Weight);
        bool alike = total > 0 && heads.All(head => head.Count == heads[0].Count && head.All(p => heads[0].TryGetValue(p.Key, out Tensor? first) && first.shape.SequenceEqual(p.Value.shape)));
        foreach ((string name, Tensor first) in heads[0])
        {
            values[name] = first;
            if (!alike)
                continue;
            values[name] = zeros_like(first);
            for (int i = 0; i < parts.Count; i++)
                values[name] = values[name].Add(heads[i][name].Mul(parts[i].Weight / total));
        }
    }

    private static void Check(string name, PeftAdapter adapter)
    {
        if (adapter.TrainedBase.FirstOrDefault(p => !p.Name.StartsWith("head.", StringComparison.Ordinal)) is { Name: { } trained })
            throw new ArgumentException($"The adapter '{name}' ('{adapter.Method.MethodName}') trains the encoder's own {trained}; only changes of weight matrices can be merged.");
        foreach (Placement placed in adapter.Placed.Where(placed => placed.Site is not null))
            if (placed.Linear is not { } linear || linear.Layer is null || !Mergeable((LinearAdapter)placed.AtSite, linear))
                throw new ArgumentException($"The adapter '{name}' ('{adapter.Method.MethodName}') is no change of the encoder's projections at {placed.Path}; it cannot be merged with others.");
    }

    private static bool Mergeable(LinearAdapter module, AdaptableLinear linear)
    {
        using var scope = NewDisposeScope();
        return module.WeightDelta(linear.Weight) is not null && module.BiasDelta(linear.Bias) is null;
    }

    private static Tensor Widen(Tensor factor, int dimension, int rank)
    {
        long missing = rank - factor.size(dimension);
        if (missing == 0)
            return factor;
        long[] shape = [.. factor.shape];
        shape[dimension] = missing;
        return cat([factor, zeros(shape)], dimension);
    }
}
