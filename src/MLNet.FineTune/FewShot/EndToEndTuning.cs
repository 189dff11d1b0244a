using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

/// <summary>A third phase of SetFit: encoder and head, which has been fitted, learn the classes together by cross entropy, and the model keeps a share of what they learn.</summary>
/// <remarks>
/// A fitted head first, since a random one would bend the encoder (LP-FT, Kumar et al. 2022, arXiv 2202.10054); a share, since weights between those of a model before and after fine-tuning hold better for texts
/// that were not seen than either end (WiSE-FT, Wortsman et al. 2022, arXiv 2109.01903). All other options are those of the first phase, but for its limits of steps and time and, with a share below 1, its <see cref="TrainingOptions.WeightAveraging"/>; its checkpoints do not go on in this one.
/// </remarks>
public sealed record EndToEndTuning
{
    /// <summary>How often each text is seen.</summary>
    /// <value>Default 10; at least 1.</value>
    [Range(1, 20, 10)]
    public int Epochs { get; init; } = 10;

    /// <summary>The most steps: with many texts there are fewer epochs, and warm-up and decay are fitted to them.</summary>
    /// <value>Default 1,000; at least 1.</value>
    public int MaxSteps { get; init; } = 1000;

    /// <summary>The peak learning rate.</summary>
    /// <value>Default <see langword="null"/>: what suits the method and the size of the encoder.</value>
    [Range(1e-6, 1e-2, 1e-4, true)]
    public double? LearningRate { get; init; }

    /// <summary>How far the weights go from those before this phase, 0, towards those after it, 1.</summary>
    /// <value>Default 0.5; above 0, up to 1. Methods that change what they train on the way, such as <see cref="AdaLora"/>, go all of it.</value>
    [Range(0.1, 1.0, 0.5)]
    public double Share { get; init; } = 0.5;

    /// <summary>The different texts that a class must have in the mean; with fewer this phase is left out.</summary>
    /// <value>Default 6; 0 or more. With the default encoder and five sets of texts the phase was worth half a point of accuracy with 8 texts a class and three quarters with 16, and cost a quarter with 2 or 4.</value>
    public double MinimumTextsPerClass { get; init; } = 6;

    /// <exception cref="ArgumentException">An option is out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(MaxSteps >= 1, nameof(MaxSteps), MaxSteps, "at least 1");
        Require(LearningRate is null || (LearningRate > 0 && double.IsFinite(LearningRate.Value)), nameof(LearningRate), LearningRate, "null or a finite number above 0");
        Require(MinimumTextsPerClass >= 0, nameof(MinimumTextsPerClass), MinimumTextsPerClass, "0 or more");
        Require(Share is > 0 and <= 1, nameof(Share), Share, "above 0, up to 1");
    }

    /// <summary>The phase, given the first one's options.</summary>
    internal EndToEndPhase ToPhase(TrainingOptions training)
    {
        TrainingOptions together = training.Beside();
        (together.Epochs, together.LearningRate) = (Epochs, LearningRate);
        if (Share < 1)
            together.WeightAveraging = new WeightInterpolation { Share = Share };
        return new EndToEndPhase(together, MaxSteps, MinimumTextsPerClass);
    }

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(EndToEndTuning), option, found, expected, option);
}
