using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.FewShot;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>SetFit for texts with any number of labels each: contrastive fine-tuning by pairs, alike when they share a label, then a head.</summary>
    /// <param name="options">The options.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    public MultiLabelSetFitTrainer SetFitMultiLabel(SetFitMultiLabelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MultiLabelSetFitTrainer(Environment, options);
    }

    /// <summary>SetFit for texts with any number of labels each.</summary>
    /// <param name="labelColumnName">The label column: a vector of keys, or of Boolean, Single or Double with a slot for each label.</param>
    /// <param name="sentence1ColumnName">The column of texts.</param>
    /// <param name="strategy">How labels are decided on.</param>
    /// <returns>The trainer.</returns>
    public MultiLabelSetFitTrainer SetFitMultiLabel(
        string labelColumnName = DefaultColumnNames.Label, string sentence1ColumnName = "Sentence1", MultiLabelStrategy strategy = MultiLabelStrategy.OneVsRest) =>
        SetFitMultiLabel(new SetFitMultiLabelOptions { LabelColumnName = labelColumnName, Sentence1ColumnName = sentence1ColumnName, Strategy = strategy });

    /// <summary>Measures predictions of several labels a text, of a <see cref="MultiLabelTextClassificationTransformer"/> or another source.</summary>
    /// <param name="data">Data with true labels, scores and predicted labels; rows whose labels are not known (NaN in an indicator) are left out.</param>
    /// <param name="labelColumnName">The true labels: a vector of keys, or of Boolean, Single or Double with a slot for each label.</param>
    /// <param name="scoreColumnName">The probabilities, or any scores that are higher for more probable labels: a vector of Single with a slot for each label.</param>
    /// <param name="predictedLabelColumnName">The predicted labels, of the same classes as the true ones.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are no rows with known labels, or predictions and labels have different classes.</exception>
    public MultiLabelClassificationMetrics EvaluateMultiLabel(
        IDataView data,
        string labelColumnName = DefaultColumnNames.Label,
        string scoreColumnName = DefaultColumnNames.Score,
        string predictedLabelColumnName = DefaultColumnNames.PredictedLabel)
    {
        ArgumentNullException.ThrowIfNull(data);
        return MultiLabelEvaluation.Run(Environment.Register(nameof(EvaluateMultiLabel)), data, labelColumnName, scoreColumnName, predictedLabelColumnName);
    }
}
