using Microsoft.ML;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>The baseline: ML.NET's bags of words and characters under a linear model, both with their defaults.</summary>
internal sealed class FeaturizeSdca : IFewShotMethod
{
    public string Name => "featurize-sdca";

    public IEstimator<ITransformer> Create(MLContext ml) =>
        ml.Transforms.Text.FeaturizeText("Features", nameof(TextRow.Text)).Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy());
}
