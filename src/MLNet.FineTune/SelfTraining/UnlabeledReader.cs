using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune.SelfTraining;

/// <summary>Reads texts without labels.</summary>
internal static class UnlabeledReader
{
    private const int RowsPerPoll = 256;
    private const string Parameter = nameof(SelfTrainingOptions.Unlabeled);

    /// <param name="host">Polled for cancellation.</param>
    /// <param name="data">The texts; null for none.</param>
    /// <param name="columns">Which columns hold them.</param>
    /// <param name="labelColumn">The column of true labels, or null.</param>
    /// <param name="classes">The classes of the training data.</param>
    /// <param name="task">Which labels are expected.</param>
    /// <param name="first">Texts that come before those of the data.</param>
    /// <returns>All texts; null where there are none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">The data has no rows, all are empty, or a true label is none of the classes.</exception>
    public static UnlabeledTexts? Read(
        IHost host, IDataView? data, TrainingColumns columns, string? labelColumn, ClassLabels classes, ClassificationTask task, IReadOnlyList<TextInput> first)
    {
        if (data is null)
            return first.Count == 0 ? null : new UnlabeledTexts(first);
        TextColumns texts = TextColumns.Bind(data.Schema, columns.Sentence1, columns.Sentence2, Parameter);
        (DataViewSchema.Column Column, Func<DataViewRow, Func<int>> MakeReader)? label = labelColumn is null ? null : BindLabel(data.Schema, labelColumn, classes, task);

        List<TextInput> inputs = [.. first];
        List<int> labels = [.. Enumerable.Repeat(LabelColumn.Missing, first.Count)];
        using DataViewRowCursor cursor = data.GetRowCursor(label is { } l ? [.. texts.All, l.Column] : texts.All);
        Func<TextInput> readText = texts.MakeReader(cursor);
        Func<int>? readLabel = label?.MakeReader(cursor);
        while (cursor.MoveNext())
        {
            if (cursor.Position % RowsPerPoll == 0)
                host.CheckAlive();
            inputs.Add(readText());
            labels.Add(readLabel?.Invoke() ?? LabelColumn.Missing);
        }
        if (inputs.Count == first.Count)
            throw new InvalidOperationException($"{Parameter} has no rows. Check the path it was loaded from and the filters on it.");
        if (inputs.Skip(first.Count).All(input => input.Text.Length == 0 && string.IsNullOrEmpty(input.Pair)))
            throw new InvalidOperationException($"None of the {inputs.Count - first.Count} rows of {Parameter} has text in '{columns.Sentence1}': every one is null or empty. Check the column names and the separator the data was loaded with.");
        return new UnlabeledTexts(inputs, label is null ? null : [.. labels]);
    }

    private static (DataViewSchema.Column, Func<DataViewRow, Func<int>>) BindLabel(DataViewSchema schema, string name, ClassLabels classes, ClassificationTask task)
    {
        if (task == ClassificationTask.Binary)
        {
            LabelColumn column = LabelColumn.Bind(schema, name, task, Parameter);
            return (column.Column, column.MakeReader);
        }
        GoldLabels gold = GoldLabels.Bind(schema, name, [.. classes.Names]);
        return (gold.Column, gold.MakeReader);
    }
}
