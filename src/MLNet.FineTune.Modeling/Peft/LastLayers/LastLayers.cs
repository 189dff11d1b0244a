using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// Trains the last layers and the head; a quarter of the layers reaches 90 % of the quality of all (Lee et al. 2019, "What Would
/// Elsa Do? Freezing Layers During Transformer Fine-Tuning", arXiv 1911.03090). What lies below is computed without gradients.
/// </summary>
[PeftMethodName("last-layers")]
public sealed record LastLayers : PeftMethod
{
    /// <summary>How many layers train, counted from the last.</summary>
    /// <value>Null: <see cref="Share"/> decides. At least 1.</value>
    public int? Layers { get; set; }

    /// <summary>The share of the layers that trains, one at least. Has no effect when <see cref="Layers"/> is set.</summary>
    /// <value>0.25, as in the paper; above 0, up to 1.</value>
    [Range(0.05f, 1f, init: 0.25f)]
    public float Share { get; set; } = 0.25f;

    internal override double DefaultLearningRateFor(EncoderConfig encoder) => new FullFineTuning().DefaultLearningRateFor(encoder);

    internal override void Validate()
    {
        if (Layers < 1)
            throw new ArgumentException($"{nameof(LastLayers)}.{nameof(Layers)} is {Layers}; expected null or at least 1.");
        if (!(Share > 0 && Share <= 1))
            throw new ArgumentException(FormattableString.Invariant($"{nameof(LastLayers)}.{nameof(Share)} is {Share}; expected above 0, up to 1."));
    }

    internal override void Apply(PeftContext context)
    {
        int all = context.Encoder.Config.LayerCount;
        if (Layers > all)
            throw new ArgumentException($"{nameof(LastLayers)}.{nameof(Layers)} is {Layers}; expected at most {all}, what the encoder has.");
        int count = Layers ?? Math.Max(1, (int)Math.Round(Share * all, MidpointRounding.AwayFromZero));
        LayerRange.TrainFrom(context, all - count, nameof(LastLayers));
    }
}
