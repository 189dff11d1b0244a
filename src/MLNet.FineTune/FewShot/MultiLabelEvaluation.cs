using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Training;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.FewShot;

/// <summary>Reads labels and predictions and measures how well they agree.</summary>
internal static class MultiLabelEvaluation
{
    private const int RowsPerPoll = 256;

    public static MultiLabelClassificationMetrics Run(IHost host, IDataView data, string labelColumnName, string scoreColumnName, string predictedLabelColumnName)
    {
        LabelColumn label = LabelColumn.Bind(data.Schema, labelColumnName, ClassificationTask.MultiLabel, nameof(data));
        LabelColumn prediction = LabelColumn.Bind(data.Schema, predictedLabelColumnName, ClassificationTask.MultiLabel, nameof(data));
        DataViewSchema.Column score = SchemaError.Find(data.Schema, nameof(data), "score", scoreColumnName);
        int classes = label.Classes.Count;
        if (score.Type is not VectorDataViewType { ItemType: NumberDataViewType item } vector || item != NumberDataViewType.Single || vector.Size != classes)
            throw SchemaError.WrongType(nameof(data), "score", scoreColumnName, $"a vector of {classes} Single, one for each label of '{labelColumnName}'", score.Type.ToString()!);
        if (!prediction.Classes.SameAs(label.Classes))
            throw new InvalidOperationException(
                $"The columns '{predictedLabelColumnName}' and '{labelColumnName}' have different classes: {TrainingSetReader.List(prediction.Classes.Names)} and {TrainingSetReader.List(label.Classes.Names)}. " +
                "Map the labels of this data with the MapValueToKey that was fitted on the training data.");

        List<int[]> truth = [], predicted = [];
        var scores = new List<float>();
        using (DataViewRowCursor cursor = data.GetRowCursor([label.Column, prediction.Column, score]))
        {
            Func<int[]?> readLabel = label.MakeSetReader(cursor), readPrediction = prediction.MakeSetReader(cursor);
            ValueGetter<VBuffer<float>> getScore = cursor.GetGetter<VBuffer<float>>(score);
            VBuffer<float> values = default;
            for (long row = 0; cursor.MoveNext(); row++)
            {
                if (row % RowsPerPoll == 0)
                    host.CheckAlive();
                if (readLabel() is not { } set)
                    continue;
                truth.Add(set);
                predicted.Add(readPrediction() ?? []);
                getScore(ref values);
                scores.AddRange(values.DenseValues());
            }
        }
        if (truth.Count == 0)
            throw new InvalidOperationException($"The data has no rows with known labels in '{labelColumnName}'; there is nothing to measure.");
        return Compute(LabelSetMetrics.Indicators([.. truth], classes), LabelSetMetrics.Indicators([.. predicted], classes), [.. scores], classes);
    }

    private static MultiLabelClassificationMetrics Compute(bool[] truth, bool[] predicted, float[] scores, int classes) => new()
    {
        SubsetAccuracy = LabelSetMetrics.SubsetAccuracy(truth, predicted, classes),
        HammingLoss = LabelSetMetrics.HammingLoss(truth, predicted),
        MicroF1 = LabelSetMetrics.MicroF1(truth, predicted),
        MacroF1 = LabelSetMetrics.MacroF1(truth, predicted, classes),
        MicroAveragePrecision = LabelSetMetrics.MicroAveragePrecision(truth, scores),
        MacroAveragePrecision = LabelSetMetrics.MacroAveragePrecision(truth, scores, classes),
        LabelRankingAveragePrecision = LabelSetMetrics.LabelRankingAveragePrecision(truth, scores, classes),
    };
}
