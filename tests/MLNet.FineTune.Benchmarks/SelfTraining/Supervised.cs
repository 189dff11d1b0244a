using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.SelfTraining;

/// <summary>The same encoder, head and training on the labelled rows alone.</summary>
internal sealed class Supervised(SelfTrainSettings settings) : IFewShotMethod
{
    public const string MethodName = "supervised";

    public string Name => MethodName;

    public IEstimator<ITransformer> Create(MLContext ml) => Estimator(ml, null);

    public IEstimator<ITransformer> Create(MLContext ml, IDataView validation) => Estimator(ml, validation);

    private IEstimator<ITransformer> Estimator(MLContext ml, IDataView? validation) => new EstimatorChain<ITransformer>().Append(ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
    {
        Sentence1ColumnName = nameof(TextRow.Text),
        Encoder = settings.Encoder,
        Peft = settings.Peft,
        MaxLength = settings.MaxLength,
        HeadInitialization = settings.Head,
        Training = settings.Training,
        ValidationSet = validation,
    }));
}
