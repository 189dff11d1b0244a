using Microsoft.ML;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>Fine-tuning an encoder by one of the library's methods.</summary>
/// <param name="method">The method, with its defaults.</param>
/// <param name="settings">Encoder and training.</param>
internal sealed class FineTuning(PeftMethod method, FewShotSettings settings) : IFewShotMethod, IProgress<TrainingProgress>
{
    /// <summary>Rows a second, over the latest fit.</summary>
    public double RowsPerSecond { get; private set; }

    public string Name => method.MethodName;

    public IEstimator<ITransformer> Create(MLContext ml)
    {
        var options = new TextClassificationOptions
        {
            Sentence1ColumnName = nameof(TextRow.Text),
            Encoder = settings.Encoder,
            Peft = method,
            HeadInitialization = settings.Head,
            Precision = settings.Precision,
            MaxLength = settings.MaxLength,
            Training =
            {
                Epochs = settings.Epochs,
                BatchSize = settings.BatchSize,
                LearningRate = settings.LearningRate,
                WeightAveraging = settings.Share < 1 ? new WeightInterpolation { Share = settings.Share } : null,
                Progress = this,
            },
        };
        // Appended to an empty chain, the trainer is an estimator of plain transformers.
        return new Microsoft.ML.Data.EstimatorChain<ITransformer>().Append(ml.MulticlassClassification.Trainers.FineTune(options));
    }

    void IProgress<TrainingProgress>.Report(TrainingProgress value) => RowsPerSecond = value.RowsPerSecond;
}
