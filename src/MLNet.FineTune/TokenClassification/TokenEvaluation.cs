using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.TokenClassification;

/// <summary>Reads labels and predictions of words and measures how well they agree.</summary>
internal static class TokenEvaluation
{
    private const int RowsPerPoll = 256;

    /// <summary>What a missing prediction counts as.</summary>
    private const string Outside = "O";

    public static TokenClassificationMetrics Run(IHost host, IDataView data, string labelColumnName, string predictedLabelColumnName)
    {
        LabelColumn label = LabelColumn.Bind(data.Schema, labelColumnName, ClassificationTask.Tagging, nameof(data));
        LabelColumn prediction = LabelColumn.Bind(data.Schema, predictedLabelColumnName, ClassificationTask.Tagging, nameof(data));
        IReadOnlyList<string> names = label.Classes.Names, predictedNames = prediction.Classes.Names;
        var entities = new EntityCounts();
        long words = 0, correct = 0;
        using (DataViewRowCursor cursor = data.GetRowCursor([label.Column, prediction.Column]))
        {
            Func<int[]> readLabel = label.MakeTagReader(cursor), readPrediction = prediction.MakeTagReader(cursor);
            for (long row = 0; cursor.MoveNext(); row++)
            {
                if (row % RowsPerPoll == 0)
                    host.CheckAlive();
                int[] truth = readLabel(), predicted = readPrediction();
                if (truth.Length != predicted.Length)
                    throw new InvalidOperationException(
                        $"Row {row} (counted from 0) has {truth.Length} labels in the column '{labelColumnName}' and {predicted.Length} in '{predictedLabelColumnName}'; expected as many.");
                int[] known = [.. Enumerable.Range(0, truth.Length).Where(word => truth[word] != LabelColumn.Missing)];
                string[] trueTags = [.. known.Select(word => names[truth[word]])];
                string?[] tags = [.. known.Select(word => predicted[word] == LabelColumn.Missing ? null : predictedNames[predicted[word]])];
                words += known.Length;
                correct += trueTags.Zip(tags, (tag, found) => tag == found).Count(same => same);
                entities.Add(trueTags, [.. tags.Select(tag => tag ?? Outside)]);
            }
        }
        if (words == 0)
            throw new InvalidOperationException($"The data has no words with labels in '{labelColumnName}'; there is nothing to measure.");
        return new TokenClassificationMetrics
        {
            TokenAccuracy = (double)correct / words,
            EntityPrecision = entities.Precision,
            EntityRecall = entities.Recall,
            EntityF1 = entities.F1,
            TokenCount = words,
            EntityCount = entities.True,
        };
    }
}
