using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>A linear layer trained by gradient descent on the cross entropy: alone, on the embeddings as they are, or then together with the encoder.</summary>
/// <remarks>Trained end to end, the head is fitted alone first and the encoder follows, which changes it less than training both from the start (Kumar et al. 2022, arXiv 2202.10054).</remarks>
public sealed record DifferentiableHead : SetFitHead
{
    /// <summary>How often each embedding is seen.</summary>
    /// <value>Default 16; at least 1.</value>
    [Range(1, 64, 16)]
    public int Epochs { get; init; } = 16;

    /// <summary>The peak learning rate of the head alone.</summary>
    /// <value>Default 1e-2; above 0.</value>
    [Range(1e-4, 1e-1, 1e-2, true)]
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>Decoupled weight decay of the head.</summary>
    /// <value>Default 0.01; 0 or more.</value>
    [Range(0.0, 0.3, 0.01)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Texts a step.</summary>
    /// <value>Default 16; at least 1.</value>
    [Choice([8, 16, 32], 16)]
    public int BatchSize { get; init; } = 16;

    /// <summary>Whether encoder and head are trained on together once the head is fitted.</summary>
    /// <value>Default <see langword="false"/>.</value>
    [BooleanChoice(false)]
    public bool EndToEnd { get; init; }

    /// <summary>How often each text is seen in training end to end.</summary>
    /// <value>Default 5; at least 1.</value>
    [Range(1, 20, 5)]
    public int EndToEndEpochs { get; init; } = 5;

    /// <summary>The peak learning rate of training end to end.</summary>
    /// <value>Default <see langword="null"/>: what suits the method and the size of the encoder.</value>
    [Range(1e-6, 1e-2, 1e-4, true)]
    public double? EndToEndLearningRate { get; init; }

    internal override void Validate()
    {
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "a finite number above 0");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "a finite number of 0 or more");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(EndToEndEpochs >= 1, nameof(EndToEndEpochs), EndToEndEpochs, "at least 1");
        Require(EndToEndLearningRate is null || (EndToEndLearningRate > 0 && double.IsFinite(EndToEndLearningRate.Value)), nameof(EndToEndLearningRate), EndToEndLearningRate, "null or a finite number above 0");
    }

    internal override IHeadTrainer CreateTrainer(FineTuneTask tuning)
    {
        TrainingOptions training = Beside(tuning.Training);
        (training.Epochs, training.LearningRate, training.WeightDecay, training.BatchSize) = (Epochs, LearningRate, WeightDecay, BatchSize);
        training.Progress = null;
        return new GradientHeadTrainer(training, tuning.Device, tuning.Seed);
    }

    internal override TrainingOptions? EndToEndTraining(TrainingOptions training)
    {
        if (!EndToEnd)
            return null;
        TrainingOptions together = Beside(training);
        (together.Epochs, together.LearningRate) = (EndToEndEpochs, EndToEndLearningRate);
        return together;
    }

    /// <summary>The first phase's options for one that has its own length; checkpoints are the first phase's.</summary>
    private static TrainingOptions Beside(TrainingOptions training)
    {
        TrainingOptions options = training.Copy();
        (options.MaxSteps, options.MaxDuration, options.WarmupSteps, options.EvaluateEverySteps) = (null, null, null, null);
        (options.CheckpointDirectory, options.TensorBoardDirectory) = (null, null);
        return options;
    }
}
