using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.SelfTraining;

/// <summary>A method of self-training, with texts that it sees without their labels.</summary>
/// <param name="name">The name.</param>
/// <param name="method">The method.</param>
/// <param name="settings">Encoder and training.</param>
/// <param name="unlabeled">The texts; their labels only measure how good predicted ones are.</param>
/// <param name="report">Receives the reports of its rounds.</param>
internal sealed class SelfTraining(string name, SelfTrainingMethod method, SelfTrainSettings settings, IReadOnlyList<TextRow> unlabeled, Action<SelfTrainingProgress> report)
    : IFewShotMethod, IProgress<SelfTrainingProgress>
{
    public string Name => name;

    public IEstimator<ITransformer> Create(MLContext ml) => Estimator(ml, null);

    public IEstimator<ITransformer> Create(MLContext ml, IDataView validation) => Estimator(ml, validation);

    private IEstimator<ITransformer> Estimator(MLContext ml, IDataView? validation) => new EstimatorChain<ITransformer>().Append(ml.MulticlassClassification.Trainers.SelfTrain(new SelfTrainingOptions
    {
        Sentence1ColumnName = nameof(TextRow.Text),
        Encoder = settings.Encoder,
        Peft = settings.Peft,
        MaxLength = settings.MaxLength,
        HeadInitialization = settings.Head,
        Training = settings.Training,
        ValidationSet = validation,
        Method = method,
        Unlabeled = unlabeled.Count == 0 ? null : ml.Data.LoadFromEnumerable(unlabeled.Select(row => new UnlabeledRow { Text = row.Text, Gold = row.Label })),
        UnlabeledLabelColumnName = unlabeled.Count == 0 ? null : nameof(UnlabeledRow.Gold),
        Progress = this,
    }));

    void IProgress<SelfTrainingProgress>.Report(SelfTrainingProgress value) => report(value);

    private sealed class UnlabeledRow
    {
        public string Text { get; set; } = "";

        public string Gold { get; set; } = "";
    }
}
