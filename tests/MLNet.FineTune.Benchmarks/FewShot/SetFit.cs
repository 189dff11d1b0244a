using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>SetFit with its defaults, or with something changed.</summary>
/// <param name="name">The method's name.</param>
/// <param name="settings">Encoder and number format.</param>
/// <param name="change">What is changed; null for nothing.</param>
internal sealed class SetFit(string name, FewShotSettings settings, Action<SetFitOptions>? change = null) : IFewShotMethod
{
    public string Name => name;

    public IEstimator<ITransformer> Create(MLContext ml)
    {
        var options = new SetFitOptions
        {
            Sentence1ColumnName = nameof(TextRow.Text),
            Encoder = settings.Encoder,
            Precision = settings.Precision,
            MaxLength = settings.MaxLength,
        };
        change?.Invoke(options);
        return new EstimatorChain<ITransformer>().Append(ml.MulticlassClassification.Trainers.SetFit(options));
    }
}
