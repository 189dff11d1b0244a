using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>SetFit with its defaults.</summary>
internal sealed class SetFit(FewShotSettings settings) : IFewShotMethod
{
    public const string MethodName = "setfit";

    public string Name => MethodName;

    public IEstimator<ITransformer> Create(MLContext ml)
    {
        string E(string n, string d) => Environment.GetEnvironmentVariable("SF_" + n) ?? d;
        var c = System.Globalization.CultureInfo.InvariantCulture;
        var options = new SetFitOptions
        {
            Sentence1ColumnName = nameof(TextRow.Text),
            Encoder = settings.Encoder,
            Precision = settings.Precision,
            MaxLength = settings.MaxLength,
            Peft = PeftMethod.Parse(E("PEFT", "full")),
            Loss = EmbeddingLoss.Parse(E("LOSS", "cosine")),
            Pairs = new PairSampling { Iterations = int.Parse(E("R", "20"), c), TextsPerClass = int.Parse(E("M", "8"), c) },
            Head = new LogisticRegressionHead { L2Regularization = float.Parse(E("L2", "10"), c), Standardize = E("STD", "1") == "1" },
            NormalizeEmbeddings = E("NORM", "0") == "1",
            Training = { Epochs = int.Parse(E("EP", "1"), c), BatchSize = int.Parse(E("B", "32"), c), LearningRate = double.Parse(E("LR", "3e-4"), c), MaxSteps = E("STEPS", "") is { Length: > 0 } s ? int.Parse(s, c) : null, LayerwiseLearningRateDecay = double.Parse(E("LLRD", "1"), c) },
        };
        return new EstimatorChain<ITransformer>().Append(ml.MulticlassClassification.Trainers.SetFit(options));
    }
}
