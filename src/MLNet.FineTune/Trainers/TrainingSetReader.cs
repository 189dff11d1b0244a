using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Trainers;

/// <summary>Reads the rows of a <see cref="TrainingSet"/> and checks each.</summary>
internal static class TrainingSetReader
{
    private const int RowsPerPoll = 256;
    private const int NamesShown = 10;

    /// <param name="host">Receives warnings; polled for cancellation.</param>
    /// <param name="data">The data.</param>
    /// <param name="columns">Which columns hold what.</param>
    /// <param name="task">Which labels are expected.</param>
    /// <param name="what">What messages call the data.</param>
    /// <param name="parameter">The argument or option that the data came by, for exceptions.</param>
    /// <param name="withoutLabel">Receives the texts of rows that have no label; null to skip such rows with a warning.</param>
    public static TrainingSet Read(IHost host, IDataView data, TrainingColumns columns, ClassificationTask task, string what, string parameter, List<TextInput>? withoutLabel = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        columns.Check();
        TextColumns texts = task == ClassificationTask.Tagging ? TextColumns.BindWords(data.Schema, columns.Sentence1, parameter) : TextColumns.Bind(data.Schema, columns.Sentence1, columns.Sentence2, parameter);
        LabelColumn label = LabelColumn.Bind(data.Schema, columns.Label, task, parameter);
        ExampleWeights? weights = columns.ExampleWeight is null ? null : ExampleWeights.Bind(data.Schema, columns.ExampleWeight, parameter);

        var inputs = new List<TextInput>();
        var labels = new List<int>();
        List<int[]>? sets = task == ClassificationTask.MultiLabel ? [] : null;
        List<float>? targets = task == ClassificationTask.Regression ? [] : null;
        List<int[]>? tags = task == ClassificationTask.Tagging ? [] : null;
        int[] counts = new int[label.Classes.Count];
        long rows = 0, unlabelled = 0, empty = 0;
        using (IChannel channel = host.Start("Reading the " + what))
        {
            IEnumerable<DataViewSchema.Column> needed = [.. texts.All, label.Column, .. weights is { } weight ? (DataViewSchema.Column[])[weight.Column] : []];
            using DataViewRowCursor cursor = data.GetRowCursor(needed);
            Func<TextInput> readText = texts.MakeReader(cursor);
            Func<int[]?>? readSet = sets is null ? null : label.MakeSetReader(cursor);
            Func<float>? readTarget = targets is null ? null : label.MakeNumberReader(cursor);
            Func<int[]>? readTags = tags is null ? null : label.MakeTagReader(cursor);
            Func<int>? readLabel = sets is null && targets is null && tags is null ? label.MakeReader(cursor) : null;
            Action<long>? readWeight = weights?.MakeReader(cursor, what);
            for (; cursor.MoveNext(); rows++)
            {
                if (rows % RowsPerPoll == 0)
                    host.CheckAlive();
                int[]? set = readSet?.Invoke();
                float? target = readTarget is null ? null : CheckNumber(readTarget(), columns.Label, rows, what);
                int[]? wordTags = readTags?.Invoke();
                TextInput input = readText();
                if (wordTags is not null)
                    CheckLengths(input.Words!.Count, wordTags.Length, columns, rows, what);
                int value = target is { } number ? float.IsNaN(number) ? LabelColumn.Missing : 0
                    : wordTags is not null ? wordTags.All(tag => tag == LabelColumn.Missing) ? LabelColumn.Missing : 0
                    : readLabel?.Invoke() ?? LabelColumn.Missing;
                if (sets is null ? value == LabelColumn.Missing : set is null)
                {
                    unlabelled++;
                    withoutLabel?.Add(input);
                    continue;
                }
                readWeight?.Invoke(rows);
                if (input.Text.Length == 0 && string.IsNullOrEmpty(input.Pair))
                    empty++;
                inputs.Add(input);
                if (target is not null)
                    targets!.Add(target.Value);
                if (set is null)
                    labels.Add(value);
                else
                    sets!.Add(set);
                if (wordTags is not null)
                    tags!.Add(wordTags);
                foreach (int @class in set ?? wordTags?.Where(tag => tag != LabelColumn.Missing) ?? [value])
                    counts[@class]++;
            }
            CheckRows(columns, what, rows, unlabelled, empty);
            if (unlabelled > 0 && withoutLabel is not null)
                channel.Info("{0} of {1} rows of the {2} have no label in '{3}'; their texts are learnt from without.", unlabelled, rows, what, columns.Label);
            else if (unlabelled > 0)
                channel.Warning("{0} of {1} rows of the {2} have no label in '{3}' and are skipped.", unlabelled, rows, what, columns.Label);
            if (empty > 0)
                channel.Warning("{0} of {1} rows of the {2} have no text (null or empty) and are treated as empty text.", empty, rows, what);
        }
        if (sets is not null)
            labels.AddRange(sets.Select(set => set.Length == 0 ? 0 : set.MinBy(@class => counts[@class])));
        return new TrainingSet([.. inputs], [.. labels], weights?.ToArray(), label.Classes, counts, sets?.ToArray(), targets?.ToArray(), tags?.ToArray());
    }

    /// <summary>The first few names, quoted.</summary>
    public static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(NamesShown).Select(name => $"'{name}'")) + (names.Count > NamesShown ? ", …" : "");

    private static void CheckRows(TrainingColumns columns, string what, long rows, long unlabelled, long empty)
    {
        if (rows == 0)
            throw new InvalidOperationException($"The {what} has no rows. Check the path it was loaded from and the filters before the trainer.");
        if (unlabelled == rows)
            throw new InvalidOperationException($"None of the {rows} rows of the {what} has a label: the column '{columns.Label}' is missing (key 0 or NaN) in all of them. Check that MapValueToKey was fitted on these labels.");
        if (empty == rows - unlabelled)
            throw new InvalidOperationException($"None of the {rows - unlabelled} labelled rows of the {what} has text in {Texts(columns)}: every one is null or empty. Check the column names and the separator the data was loaded with.");
    }

    private static string Texts(TrainingColumns columns) =>
        columns.Sentence2 is null ? $"'{columns.Sentence1}'" : $"'{columns.Sentence1}' or '{columns.Sentence2}'";

    private static void CheckLengths(int words, int labels, TrainingColumns columns, long row, string what)
    {
        if (words != labels)
            throw new InvalidOperationException(
                $"Row {row} (counted from 0) of the {what} has {words} words in the column '{columns.Sentence1}' and {labels} labels in the column '{columns.Label}'; expected as many labels as words. Correct such rows.");
    }

    private static float CheckNumber(float number, string column, long row, string what) => !float.IsInfinity(number) ? number
        : throw new InvalidOperationException(
            $"The label of row {row} (counted from 0) of the {what}, column '{column}', is {number.ToString(CultureInfo.InvariantCulture)}; expected a finite number. Filter or correct such rows.");
}
