using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.QuestionAnswering;

/// <summary>Reads questions with contexts and answers, and checks that each answer stands where it is said to.</summary>
internal static class QuestionReader
{
    private const int RowsPerPoll = 256;
    private const int ShownCharacters = 60;

    /// <param name="host">Receives warnings; polled for cancellation.</param>
    /// <param name="data">The data.</param>
    /// <param name="columns">Which columns hold what.</param>
    /// <param name="learnsNone">Whether rows without an answer are learnt; otherwise they are skipped with a warning.</param>
    /// <param name="what">What messages call the data.</param>
    /// <param name="parameter">The argument or option that the data came by, for exceptions.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are no rows or none with an answer, an answer does not stand where it is said to, or a weight is negative or not finite.</exception>
    public static LabelledTexts Read(IHost host, IDataView data, QuestionColumns columns, bool learnsNone, string what, string parameter)
    {
        ArgumentNullException.ThrowIfNull(data);
        TextColumns texts = TextColumns.BindQuestions(data.Schema, columns.Question, columns.Context, parameter);
        DataViewSchema.Column answer = AnswerColumn.BindTexts(data.Schema, "answer", columns.Answer, parameter), start = AnswerColumn.BindNumbers(data.Schema, "answer start", columns.AnswerStart, parameter);
        ExampleWeights? weights = columns.ExampleWeight is null ? null : ExampleWeights.Bind(data.Schema, columns.ExampleWeight, parameter);

        var inputs = new List<TextInput>();
        var answers = new List<GoldAnswers>();
        long rows = 0, without = 0;
        using IChannel channel = host.Start("Reading the " + what);
        using (DataViewRowCursor cursor = data.GetRowCursor([.. texts.All, answer, start, .. weights is { } weight ? (DataViewSchema.Column[])[weight.Column] : []]))
        {
            Func<TextInput> readText = texts.MakeReader(cursor);
            Func<string[]> readAnswers = AnswerColumn.MakeTextReader(cursor, answer);
            Func<double[]> readStarts = AnswerColumn.MakeNumberReader(cursor, start);
            Action<long>? readWeight = weights?.MakeReader(cursor, what);
            var shared = new Dictionary<string, string>(StringComparer.Ordinal);
            for (; cursor.MoveNext(); rows++)
            {
                if (rows % RowsPerPoll == 0)
                    host.CheckAlive();
                TextInput input = readText();
                GoldAnswers gold = Check(input.Pair!, readAnswers(), readStarts(), columns, rows, what);
                if (gold.Texts.Count == 0)
                    without++;
                if (gold.Texts.Count == 0 && !learnsNone)
                    continue;
                readWeight?.Invoke(rows);
                // Many questions are about one context.
                if (!shared.TryGetValue(input.Pair!, out string? context))
                    shared.Add(input.Pair!, context = input.Pair!);
                inputs.Add(input with { Pair = context });
                answers.Add(gold);
            }
        }
        if (rows == 0)
            throw new InvalidOperationException($"The {what} has no rows. Check the path it was loaded from and the filters before the trainer.");
        if (without == rows)
            throw new InvalidOperationException($"None of the {rows} rows of the {what} has an answer: the column '{columns.Answer}' is empty in all of them.");
        if (without > 0 && !learnsNone)
            channel.Warning("{0} of {1} rows of the {2} have no answer in '{3}' and are skipped; set {4} to learn that there is none.", without, rows, what, columns.Answer, nameof(QuestionAnsweringOptions.NullScoreThreshold));
        return new LabelledTexts(inputs, new int[inputs.Count], weights?.ToArray(), Answers: [.. answers]);
    }

    private static GoldAnswers Check(string context, string[] texts, double[] starts, QuestionColumns columns, long row, string what)
    {
        if (texts.All(text => text.Length == 0))
            return GoldAnswers.None;
        if (texts.Length != starts.Length)
            throw new InvalidOperationException(
                $"Row {row} (counted from 0) of the {what} has {texts.Length} answers in the column '{columns.Answer}' and {starts.Length} places in the column '{columns.AnswerStart}'; expected as many. Correct such rows.");
        int[] stated = [.. Enumerable.Range(0, texts.Length).Where(i => texts[i].Length > 0)];
        foreach (int i in stated)
            if (!Stands(context, texts[i], starts[i]))
                throw new InvalidOperationException(Message(context, texts[i], starts[i], columns, row, what));
        return new GoldAnswers([.. stated.Select(i => texts[i])], [.. stated.Select(i => (int)starts[i])]);
    }

    private static bool Stands(string context, string text, double start) =>
        double.IsInteger(start) && start >= 0 && start + text.Length <= context.Length && string.CompareOrdinal(context, (int)start, text, 0, text.Length) == 0;

    private static string Message(string context, string text, double start, QuestionColumns columns, long row, string what)
    {
        string found = !double.IsInteger(start) || start < 0 || start >= context.Length ? $"which is no place in its {context.Length} characters"
            : $"where '{Shown(context.Substring((int)start, Math.Min(text.Length, context.Length - (int)start)))}' stands";
        int elsewhere = context.IndexOf(text, StringComparison.Ordinal);
        return $"Row {row} (counted from 0) of the {what} has the answer '{Shown(text)}' (column '{columns.Answer}') at {start.ToString(CultureInfo.InvariantCulture)} (column '{columns.AnswerStart}') of the context (column '{columns.Context}'), {found}; "
            + (elsewhere < 0 ? "expected a stretch of the context, letter by letter." : $"expected {elsewhere}, where it stands. Places are counted in UTF-16 characters from 0.") + " Correct such rows.";
    }

    private static string Shown(string text) => text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "…";
}
