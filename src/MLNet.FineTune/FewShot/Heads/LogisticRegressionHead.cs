using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.FewShot;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>ML.NET's logistic regression: <c>LbfgsMaximumEntropy</c>, or <c>LbfgsLogisticRegression</c> where there are two classes.</summary>
/// <remarks>Rows count by their example weights and the class weights of <see cref="TrainingOptions"/>.</remarks>
public sealed record LogisticRegressionHead : SetFitHead
{
    /// <summary>The L2 penalty on the weights.</summary>
    /// <value>Default 10; 0 or more.</value>
    [Range(0.01f, 100f, 10f, true)]
    public float L2Regularization { get; init; } = 10;

    /// <summary>The L1 penalty on the weights.</summary>
    /// <value>Default 0; 0 or more.</value>
    public float L1Regularization { get; init; }

    /// <summary>Whether the numbers of the embeddings are given mean 0 and variance 1 before; this becomes part of the weights.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool Standardize { get; init; } = true;

    internal override void Validate()
    {
        Require(L2Regularization >= 0 && float.IsFinite(L2Regularization), nameof(L2Regularization), L2Regularization, "a finite number of 0 or more");
        Require(L1Regularization >= 0 && float.IsFinite(L1Regularization), nameof(L1Regularization), L1Regularization, "a finite number of 0 or more");
    }

    internal override IHeadTrainer CreateTrainer(FineTuneTask tuning) => new LogisticRegressionTrainer(this, tuning.Training, tuning.Seed);
}
