namespace MLNet.FineTune.QuestionAnswering;

/// <summary>Looks for the best answers to one question in the logits of all windows of its context.</summary>
/// <remarks>
/// Every range of context tokens that is no longer than the longest answer is looked at, not only those of the best beginnings and ends. The
/// score of a range is that of the window in which it is largest; that of no answer is taken from the window in which it is least (Devlin et al. 2018,
/// "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", arXiv 1810.04805, section 4.3).
/// </remarks>
internal sealed class AnswerSearch(AnswerRules rules)
{
    /// <summary>How many of the best answers the probabilities are over, at least; <c>n_best_size</c> of BERT's and Hugging Face's programs.</summary>
    public const int BestCount = 20;

    private readonly int _count = Math.Max(BestCount, rules.TopK);
    private readonly Dictionary<(int Start, int Length), float> _best = [];
    private FoundAnswer _worst;
    private float _none = float.PositiveInfinity;

    /// <summary>Looks through a window.</summary>
    /// <param name="window">The window.</param>
    /// <param name="logits">The logits of beginning and end for the first token and then each of the context's, row-major.</param>
    public void Add(ContextWindow window, ReadOnlySpan<float> logits)
    {
        _none = Math.Min(_none, logits[0] + logits[1]);
        ReadOnlySpan<float> context = logits[2..];
        for (int first = 0; first < window.Count; first++)
        {
            int start = window.Context[window.First + first].Start, end = Math.Min(window.Count, first + rules.MaxAnswerLength);
            for (int last = first; last < end; last++)
            {
                float score = context[2 * first] + context[2 * last + 1];
                int length = window.Context[window.First + last].End - start;
                if (length > 0 && !float.IsNaN(score) && (_best.Count < _count || score >= _worst.Score))
                    Keep(new FoundAnswer(start, length, score));
            }
        }
    }

    /// <summary>The best answers, with that there is none among them where that is allowed.</summary>
    /// <returns>As many as asked for, or fewer where the context has no more; the best first.</returns>
    public FoundAnswer[] Best()
    {
        List<FoundAnswer> answers = [.. _best.Select(Answer).Order(BestFirst)];
        if (rules.NullScoreThreshold is { } threshold)
        {
            int place = answers.FindIndex(answer => answer.Score < _none);
            bool preferred = answers.Count == 0 || _none - answers[0].Score > threshold;
            answers.Insert(preferred ? 0 : place < 0 ? answers.Count : Math.Max(1, place), FoundAnswer.None(_none));
        }
        float largest = answers.Count == 0 ? 0 : answers.Max(answer => answer.Score);
        double sum = answers.Sum(answer => Math.Exp(answer.Score - largest));
        return [.. answers.Take(rules.TopK).Select(answer => answer with { Probability = (float)(Math.Exp(answer.Score - largest) / sum) })];
    }

    private void Keep(FoundAnswer answer)
    {
        if (_best.TryGetValue((answer.Start, answer.Length), out float known) && known >= answer.Score)
            return;
        _best[(answer.Start, answer.Length)] = answer.Score;
        _worst = Worst();
        if (_best.Count <= _count)
            return;
        _best.Remove((_worst.Start, _worst.Length));
        _worst = Worst();
    }

    private FoundAnswer Worst() => _best.Select(Answer).Max(BestFirst);

    private static FoundAnswer Answer(KeyValuePair<(int Start, int Length), float> kept) => new(kept.Key.Start, kept.Key.Length, kept.Value);

    /// <summary>Of equal scores the earlier and then the shorter answer comes first.</summary>
    private static readonly Comparer<FoundAnswer> BestFirst = Comparer<FoundAnswer>.Create((x, y) =>
        y.Score.CompareTo(x.Score) is not 0 and var byScore ? byScore : x.Start.CompareTo(y.Start) is not 0 and var byStart ? byStart : x.Length.CompareTo(y.Length));
}
