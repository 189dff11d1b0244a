namespace MLNet.FineTune.QuestionAnswering;

/// <summary>An answer as a model gives it.</summary>
/// <param name="Start">Where it begins in the context, in UTF-16 characters; −1 where the context has no answer.</param>
/// <param name="Length">How many characters it has.</param>
/// <param name="Score">The logit of its first token as a beginning and that of its last token as an end, added.</param>
/// <param name="Probability">The softmax of the scores of the best answers.</param>
internal readonly record struct FoundAnswer(int Start, int Length, float Score, float Probability = float.NaN)
{
    /// <summary>That there is no answer.</summary>
    public static FoundAnswer None(float score) => new(-1, 0, score);

    /// <summary>Whether the context has no answer.</summary>
    public bool IsNone => Start < 0;

    /// <summary>Writes answers as numbers.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="numbers">Receives three for each, as <see cref="Read"/> takes them; where there are fewer answers than room, none of no probability follow.</param>
    public static void Write(ReadOnlySpan<FoundAnswer> answers, Span<float> numbers)
    {
        for (int i = 0; i < numbers.Length / AnswerRules.AnswerWidth; i++)
        {
            FoundAnswer answer = i < answers.Length ? answers[i] : None(float.NaN);
            Span<float> place = numbers.Slice(i * AnswerRules.AnswerWidth, AnswerRules.AnswerWidth);
            (place[0], place[1], place[2]) = (answer.Probability, answer.Start, answer.Length);
        }
    }

    /// <summary>Reads one of the answers that <see cref="Write"/> wrote.</summary>
    public static FoundAnswer Read(ReadOnlySpan<float> numbers, int place)
    {
        ReadOnlySpan<float> answer = numbers.Slice(place * AnswerRules.AnswerWidth, AnswerRules.AnswerWidth);
        return new FoundAnswer((int)answer[1], (int)answer[2], float.NaN, answer[0]);
    }

    /// <summary>The answer's text; empty where there is none.</summary>
    public string In(string context) => IsNone ? "" : context.Substring(Start, Length);
}
