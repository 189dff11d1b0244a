namespace MLNet.FineTune;

/// <summary>How good answers to questions are, as SQuAD's evaluation program counts (Rajpurkar et al. 2018, "Know What You Don't Know: Unanswerable Questions for SQuAD", arXiv 1806.03822).</summary>
/// <remarks>Answers are compared word by word, in lower case, without punctuation and the articles a, an and the; with several right answers, the one that is nearest counts. Where no answer is right, predicting none counts as 1 and anything else as 0.</remarks>
public sealed record QuestionAnsweringMetrics
{
    /// <summary>The share of questions whose predicted answer is a right one; higher is better, 0 to 1.</summary>
    public required double ExactMatch { get; init; }

    /// <summary>The F1 score of the words of predicted and right answers, averaged over the questions; higher is better, 0 to 1.</summary>
    public required double F1 { get; init; }

    /// <summary>Questions measured on.</summary>
    public required long QuestionCount { get; init; }

    /// <summary>Those of them that have no answer.</summary>
    public required long UnanswerableCount { get; init; }
}
