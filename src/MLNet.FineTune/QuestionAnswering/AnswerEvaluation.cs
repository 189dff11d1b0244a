using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.QuestionAnswering;

/// <summary>Reads right and predicted answers and measures how well they agree.</summary>
internal static class AnswerEvaluation
{
    private const int RowsPerPoll = 256;

    public static QuestionAnsweringMetrics Run(IHost host, IDataView data, string answerColumnName, string predictedAnswerColumnName)
    {
        DataViewSchema.Column answer = AnswerColumn.BindTexts(data.Schema, "answer", answerColumnName, nameof(data));
        DataViewSchema.Column prediction = AnswerColumn.BindTexts(data.Schema, "predicted answer", predictedAnswerColumnName, nameof(data));
        long rows = 0, unanswerable = 0, exact = 0;
        double f1 = 0;
        using (DataViewRowCursor cursor = data.GetRowCursor([answer, prediction]))
        {
            Func<string[]> readAnswers = AnswerColumn.MakeTextReader(cursor, answer), readPredictions = AnswerColumn.MakeTextReader(cursor, prediction);
            for (; cursor.MoveNext(); rows++)
            {
                if (rows % RowsPerPoll == 0)
                    host.CheckAlive();
                string[] gold = [.. readAnswers().Where(text => text.Length > 0)];
                string predicted = readPredictions().FirstOrDefault("");
                unanswerable += gold.Length == 0 ? 1 : 0;
                exact += AnswerText.IsExact(predicted, gold) ? 1 : 0;
                f1 += AnswerText.F1(predicted, gold);
            }
        }
        return rows == 0 ? throw new InvalidOperationException("The data has no rows; there is nothing to measure.")
            : new QuestionAnsweringMetrics { ExactMatch = (double)exact / rows, F1 = f1 / rows, QuestionCount = rows, UnanswerableCount = unanswerable };
    }
}
