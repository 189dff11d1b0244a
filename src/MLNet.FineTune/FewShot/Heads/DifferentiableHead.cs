using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>A linear layer trained by gradient descent on the cross entropy of the embeddings as they are; together with the encoder by <see cref="SetFitOptions.EndToEnd"/>.</summary>
public sealed record DifferentiableHead : SetFitHead
{
    /// <summary>How often each embedding is seen.</summary>
    /// <value>Default 16; at least 1.</value>
    [Range(1, 64, 16)]
    public int Epochs { get; init; } = 16;

    /// <summary>The peak learning rate.</summary>
    /// <value>Default 1e-2; above 0.</value>
    [Range(1e-4, 1e-1, 1e-2, true)]
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>Decoupled weight decay.</summary>
    /// <value>Default 0.01; 0 or more.</value>
    [Range(0.0, 0.3, 0.01)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Texts a step.</summary>
    /// <value>Default 16; at least 1.</value>
    [Choice([8, 16, 32], 16)]
    public int BatchSize { get; init; } = 16;

    internal override void Validate()
    {
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "a finite number above 0");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "a finite number of 0 or more");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
    }

    internal override IHeadTrainer CreateTrainer(FineTuneTask tuning)
    {
        TrainingOptions training = tuning.Training.Beside();
        (training.Epochs, training.LearningRate, training.WeightDecay, training.BatchSize) = (Epochs, LearningRate, WeightDecay, BatchSize);
        training.Progress = null;
        return new GradientHeadTrainer(training, tuning.Device, tuning.Seed);
    }
}
