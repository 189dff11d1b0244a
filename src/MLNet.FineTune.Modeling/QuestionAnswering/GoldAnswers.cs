namespace MLNet.FineTune.QuestionAnswering;

/// <summary>The right answers to a question: the first is learnt, any of them counts as right.</summary>
/// <param name="Texts">The answers; none where the context has no answer.</param>
/// <param name="Starts">Where each begins in the context, in UTF-16 characters.</param>
internal sealed record GoldAnswers(IReadOnlyList<string> Texts, IReadOnlyList<int> Starts)
{
    /// <summary>That the context has no answer.</summary>
    public static GoldAnswers None { get; } = new([], []);
}
