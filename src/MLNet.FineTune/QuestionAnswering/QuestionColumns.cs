namespace MLNet.FineTune.QuestionAnswering;

/// <summary>The columns that learning to answer questions reads.</summary>
/// <param name="Question">Column of questions.</param>
/// <param name="Context">Column of contexts.</param>
/// <param name="Answer">Column of answers.</param>
/// <param name="AnswerStart">Column that says where answers begin.</param>
/// <param name="ExampleWeight">Column with a weight for each row, or null.</param>
internal sealed record QuestionColumns(string Question, string Context, string Answer, string AnswerStart, string? ExampleWeight = null)
{
    /// <summary>Checks the names alone, before there is any data.</summary>
    /// <exception cref="ArgumentException">A name is empty, or two columns have the same.</exception>
    public void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Question, "questionColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(Context, "contextColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(Answer, "answerColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(AnswerStart, "answerStartColumnName");
        if (ExampleWeight is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(ExampleWeight, "exampleWeightColumnName");
        if (new[] { Question, Context, Answer, AnswerStart }.Distinct(StringComparer.Ordinal).Count() < 4)
            throw new ArgumentException($"Question, context, answer and answer start must be four columns; found '{Question}', '{Context}', '{Answer}' and '{AnswerStart}'.", "answerColumnName");
    }
}
