using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>SetFit with its defaults.</summary>
/// <param name="settings">Encoder and number format.</param>
internal sealed class SetFit(FewShotSettings settings) : IFewShotMethod
{
    public const string MethodName = "setfit";

    public string Name => MethodName;

    public IEstimator<ITransformer> Create(MLContext ml) => new EstimatorChain<ITransformer>().Append(ml.MulticlassClassification.Trainers.SetFit(new SetFitOptions
    {
        Sentence1ColumnName = nameof(TextRow.Text),
        Encoder = settings.Encoder,
        Precision = settings.Precision,
        MaxLength = settings.MaxLength,
    }));
}
