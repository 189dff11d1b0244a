using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.QuestionAnswering;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>Measures answers to questions, of a <see cref="QuestionAnsweringTransformer"/> or another source, as SQuAD does: exact match, and F1 over words.</summary>
    /// <param name="data">Data with right and predicted answers.</param>
    /// <param name="answerColumnName">The right answers: text, or a vector of text where there are several; empty where no answer is right.</param>
    /// <param name="predictedAnswerColumnName">The predicted answers: text, or a vector of text, of which the first counts; empty where none is predicted.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text.</exception>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    public QuestionAnsweringMetrics EvaluateAnswers(IDataView data, string answerColumnName = "Answer", string predictedAnswerColumnName = "PredictedAnswer")
    {
        ArgumentNullException.ThrowIfNull(data);
        return AnswerEvaluation.Run(Environment.Register(nameof(EvaluateAnswers)), data, answerColumnName, predictedAnswerColumnName);
    }
}
