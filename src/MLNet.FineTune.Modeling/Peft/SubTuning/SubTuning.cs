using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;

namespace MLNet.FineTune;

/// <summary>
/// Trains a subset of the layers that is found greedily: as long as the validation metric rises by a relative gain, the layer that
/// raises it most joins those that train (Kaplun et al. 2023, "Less is More: Selective Layer Finetuning with SubTuning", arXiv
/// 2302.06354). Finding it takes a training for every layer and step; it pays where rows are few.
/// </summary>
/// <remarks>
/// The authors' program compares the gain itself, an accuracy, with ε, goes on a little while there is none, and can also begin with all layers and take
/// them away; here the gain is relative, so that ε suits any metric, the first step without one ends it, and layers are only added.
/// </remarks>
[PeftMethodName("sub-tuning")]
public sealed record SubTuning : PeftMethod
{
    /// <summary>ε: a further layer is taken while the best of them raises the metric above (1 + ε) times what it was.</summary>
    /// <value>0.005; 0 or more. The authors' scripts have 0.01, of the accuracy.</value>
    [Range(0f, 0.05f, init: 0.005f)]
    public float MinimumGain { get; set; } = 0.005f;

    /// <summary>The most layers that train.</summary>
    /// <value>Null: as many as bring a gain. At least 1.</value>
    public int? MaxLayers { get; set; }

    /// <summary>Parts of the training rows for cross-validation; 1 decides on a single part that is set aside, in a fifth of the time.</summary>
    /// <value>5, as in the authors' program; at least 1.</value>
    public int Folds { get; set; } = 5;

    /// <summary>Steps of each training on trial.</summary>
    /// <value>Null: as many as the training will take. At least 1.</value>
    public int? TrialSteps { get; set; }

    /// <summary>The layers that train, counted from zero (where layers share weights, those with weights of their own); what is found is put here.</summary>
    /// <value>Null: they are found before training.</value>
    public int[]? Layers { get; set; }

    internal override bool NeedsPreparation => Layers is null;

    internal override double DefaultLearningRateFor(EncoderConfig encoder) => new FullFineTuning().DefaultLearningRateFor(encoder);

    internal override void Validate()
    {
        if (!(MinimumGain >= 0 && float.IsFinite(MinimumGain)))
            throw new ArgumentException(FormattableString.Invariant($"{nameof(SubTuning)}.{nameof(MinimumGain)} is {MinimumGain}; expected a finite number of 0 or more."));
        if (MaxLayers < 1)
            throw new ArgumentException($"{nameof(SubTuning)}.{nameof(MaxLayers)} is {MaxLayers}; expected null or at least 1.");
        if (Folds < 1)
            throw new ArgumentException($"{nameof(SubTuning)}.{nameof(Folds)} is {Folds}; expected at least 1.");
        if (TrialSteps < 1)
            throw new ArgumentException($"{nameof(SubTuning)}.{nameof(TrialSteps)} is {TrialSteps}; expected null or at least 1.");
        if (Layers is { } layers && (layers.Length == 0 || layers.Min() < 0 || layers.Distinct().Count() < layers.Length))
            throw new ArgumentException($"{nameof(SubTuning)}.{nameof(Layers)} is [{string.Join(", ", layers)}]; expected null or different layers, counted from zero.");
    }

    internal override void Apply(PeftContext context)
    {
        int count = context.Encoder.Config.PhysicalLayerCount;
        if (Layers is null)
            throw new ArgumentException($"{nameof(SubTuning)}.{nameof(Layers)} is null: the layers that train are found on training rows, or given.");
        if (Layers.Max() >= count)
            throw new ArgumentException($"{nameof(SubTuning)}.{nameof(Layers)} is [{string.Join(", ", Layers)}]; the encoder's are 0 to {count - 1}.");
        context.Train(name => PeftAdapter.LayerOf(name) is { } layer && Layers.Contains(layer));
    }

    internal override PeftMethod Prepare(PeftPreparation preparation)
    {
        IReadOnlyList<(EncodedTexts Train, EncodedTexts Validation)> folds = Folds == 1
            ? [(preparation.Train, preparation.Validation)]
            : CrossValidation.Folds(preparation.All, Folds, preparation.Seed);
        TrainingOptions options = preparation.Options.ForTrial();
        options.MaxSteps = TrialSteps ?? options.MaxSteps;
        int[] layers = GreedySelection.Choose(
            preparation.Model.Encoder.Config.PhysicalLayerCount, MaxLayers ?? int.MaxValue, MinimumGain,
            subset => folds.Average(fold => preparation.Try(this with { Layers = subset }, options, train: fold.Train, validation: fold.Validation)),
            (subset, metric) => preparation.Inform(FormattableString.Invariant($"Training layers {string.Join(", ", subset)}: {metric:0.####}.")));
        return this with { Layers = layers };
    }
}
