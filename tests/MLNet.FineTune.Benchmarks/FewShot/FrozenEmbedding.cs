using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>The encoder as it is: its text embeddings under ML.NET's logistic regression.</summary>
/// <param name="encoder">The encoder.</param>
internal sealed class FrozenEmbedding(EncoderSource encoder) : IFewShotMethod
{
    public const string MethodName = "embed";

    public string Name => MethodName;

    public IEstimator<ITransformer> Create(MLContext ml) => new EstimatorChain<ITransformer>()
        .Append(ml.Transforms.Text.EmbedText("Features", nameof(TextRow.Text), encoder))
        .Append(ml.Transforms.NormalizeMeanVariance("Features", fixZero: false))
        .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 10));
}
