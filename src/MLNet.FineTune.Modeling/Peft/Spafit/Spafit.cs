using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// Stratified progressive adaptation: the lowest layers are frozen, of those above the biases train, and the highest get low-rank
/// updates at some projections and trained biases elsewhere (Arora and Wang 2024, "SPAFIT: Stratified Progressive Adaptation
/// Fine-tuning for Pre-trained Large Language Models", arXiv 2405.00201).
/// </summary>
/// <remarks>The division is the paper's. No program of the authors' is known: rank, scale and the projections that get updates are LoRA's usual ones.</remarks>
[PeftMethodName("spafit")]
public sealed record Spafit : PeftMethod
{
    /// <summary>How many of the lowest layers are frozen.</summary>
    /// <value>Null: a sixth of the layers, as the paper's SPAFIT-4-9 has with BERT-large. At least 0.</value>
    public int? FrozenLayers { get; set; }

    /// <summary>How many layers above the frozen ones train their biases only.</summary>
    /// <value>Null: five twenty-fourths of the layers, as above. At least 0.</value>
    public int? BiasLayers { get; set; }

    /// <summary>The projections of the highest layers that get a low-rank update instead of a trained bias.</summary>
    /// <value>Query and value.</value>
    public TargetModules Targets { get; set; } = TargetModules.Query | TargetModules.Value;

    /// <summary>Rank of the updates.</summary>
    /// <value>8.</value>
    [Range(1, 64, init: 8, logBase: true)]
    public int Rank { get; set; } = 8;

    /// <summary>α: the updates are scaled by α/rank.</summary>
    /// <value>16.</value>
    [Range(1f, 128f, init: 16f, logBase: true)]
    public float Alpha { get; set; } = 16;

    /// <summary>Probability of dropout on the input of the updates, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    internal override void Validate()
    {
        if (FrozenLayers < 0)
            throw new ArgumentException($"{nameof(Spafit)}.{nameof(FrozenLayers)} is {FrozenLayers}; expected null or at least 0.");
        if (BiasLayers < 0)
            throw new ArgumentException($"{nameof(Spafit)}.{nameof(BiasLayers)} is {BiasLayers}; expected null or at least 0.");
        if ((Targets & TargetModules.AllLinear) == 0)
            throw new ArgumentException($"{nameof(Spafit)}.{nameof(Targets)} is {Targets}; expected at least one of {TargetModules.AllLinear}.");
        OptionRange.Rank(nameof(Spafit), Rank);
        OptionRange.Positive(nameof(Spafit), Alpha);
        OptionRange.Share(nameof(Spafit), Dropout);
    }

    internal override void Apply(PeftContext context)
    {
        EncoderConfig config = context.Encoder.Config;
        int frozen = FrozenLayers ?? config.LayerCount * 4 / 24;
        int low = frozen + (BiasLayers ?? config.LayerCount * 5 / 24);
        if (low > config.LayerCount)
            throw new ArgumentException($"{nameof(Spafit)}.{nameof(FrozenLayers)} and {nameof(BiasLayers)} are {low} together; expected at most {config.LayerCount}, the layers that the encoder has.");
        int biases = LayerRange.Lowest(config, frozen, nameof(Spafit)), updates = LayerRange.Lowest(config, low, nameof(Spafit));
        var updated = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (path, linear) in context.Model.Linears())
            if (linear.Layer >= updates && (linear.Role & Targets) != 0)
            {
                context.Place(path, linear, new LoraLinear(linear, Rank, Alpha / Rank, Dropout));
                updated.Add(path);
            }
        context.Train(name => PeftAdapter.LayerOf(name) >= biases && ParameterNames.IsBias(name) && !updated.Contains(ParameterNames.Module(name)));
    }
}
