using System.Text.Json.Serialization;

namespace MLNet.FineTune.QuestionAnswering;

/// <summary>How contexts are read and answers chosen.</summary>
/// <param name="DocumentStride">How many tokens further each window of a long context begins than the one before, at most.</param>
/// <param name="MaxAnswerLength">The most tokens of an answer.</param>
/// <param name="TopK">How many answers are given.</param>
/// <param name="NullScoreThreshold">By how much the score of having no answer must be above that of the best answer to be preferred; null where there always is an answer.</param>
internal sealed record AnswerRules(int DocumentStride, int MaxAnswerLength, int TopK, double? NullScoreThreshold)
{
    /// <summary>The longest input where none is named, in tokens: BERT's on SQuAD.</summary>
    public const int DefaultMaxLength = 384;

    /// <summary>Numbers that describe an answer: probability, start and length.</summary>
    public const int AnswerWidth = 3;

    /// <summary>The most answers that can be asked for.</summary>
    public const int MostAnswers = 1000;

    /// <summary>Whether all are in their ranges.</summary>
    [JsonIgnore]
    public bool AreValid => DocumentStride >= 1 && MaxAnswerLength >= 1 && TopK is >= 1 and <= MostAnswers && NullScoreThreshold is null or > double.NegativeInfinity and < double.PositiveInfinity;
}
