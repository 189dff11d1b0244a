using System.Text.Json.Serialization;
using MLNet.FineTune.Runtime;

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

    /// <summary>Checks the options that the rules are made of, which have the names of the rules.</summary>
    /// <param name="owner">The type that has the options.</param>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public void Check(string owner)
    {
        Require(DocumentStride >= 1, nameof(DocumentStride), DocumentStride, "at least 1");
        Require(MaxAnswerLength >= 1, nameof(MaxAnswerLength), MaxAnswerLength, "at least 1");
        Require(TopK is >= 1 and <= MostAnswers, nameof(TopK), TopK, $"1 to {MostAnswers}");
        Require(NullScoreThreshold is null || double.IsFinite(NullScoreThreshold.Value), nameof(NullScoreThreshold), NullScoreThreshold, "null or a finite number");

        void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, owner, option, found, expected, option);
    }

    /// <summary>Whether all are in their ranges.</summary>
    [JsonIgnore]
    public bool AreValid => DocumentStride >= 1 && MaxAnswerLength >= 1 && TopK is >= 1 and <= MostAnswers && NullScoreThreshold is null or > double.NegativeInfinity and < double.PositiveInfinity;
}
