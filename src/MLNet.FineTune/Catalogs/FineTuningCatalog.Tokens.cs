using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.TokenClassification;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>Measures predicted labels of words, of a <see cref="TokenClassificationTransformer"/> or another source: accuracy over words, and precision, recall and F1 over entities, in tags of the forms IOB, IOB2, IOE and IOBES.</summary>
    /// <param name="data">Data with true and predicted labels; words whose true label is missing (key 0) are left out, those whose predicted one is missing are wrong and belong to no entity.</param>
    /// <param name="labelColumnName">The true labels: a vector of keys.</param>
    /// <param name="predictedLabelColumnName">The predicted labels: a vector of keys, as many as true ones. Labels are compared by the values of their keys.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is no vector of keys.</exception>
    /// <exception cref="InvalidOperationException">A row has not as many predicted labels as true ones, or there are no words with labels.</exception>
    public TokenClassificationMetrics EvaluateTokens(IDataView data, string labelColumnName = DefaultColumnNames.Label, string predictedLabelColumnName = DefaultColumnNames.PredictedLabel)
    {
        ArgumentNullException.ThrowIfNull(data);
        return TokenEvaluation.Run(Environment.Register(nameof(EvaluateTokens)), data, labelColumnName, predictedLabelColumnName);
    }
}
