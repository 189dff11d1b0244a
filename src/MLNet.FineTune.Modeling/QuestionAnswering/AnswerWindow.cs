namespace MLNet.FineTune.QuestionAnswering;

/// <summary>A window of a question's context with the answer to be found there.</summary>
/// <param name="Row">Which question it is of.</param>
/// <param name="Window">The window.</param>
/// <param name="Gold">The right answers to the question.</param>
/// <param name="Start">The token that the answer begins with, in the window's encoding; 0, the first one, where the window does not hold the answer.</param>
/// <param name="End">The token that it ends with.</param>
internal sealed record AnswerWindow(int Row, ContextWindow Window, GoldAnswers Gold, int Start, int End)
{
    /// <summary>The windows of a question.</summary>
    public static IEnumerable<AnswerWindow> Of(int row, IReadOnlyList<ContextWindow> windows, GoldAnswers gold)
    {
        (int, int)? tokens = gold.Texts.Count == 0 ? null : windows[0].Context.Locate(gold.Starts[0], gold.Texts[0].Length);
        foreach (ContextWindow window in windows)
        {
            (int start, int end) = window.Place(tokens);
            yield return new AnswerWindow(row, window, gold, start, end);
        }
    }
}
