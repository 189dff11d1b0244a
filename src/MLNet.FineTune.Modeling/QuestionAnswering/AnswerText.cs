using System.Text.RegularExpressions;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.QuestionAnswering;

/// <summary>Compares answers as the evaluation program of SQuAD 2 does (Rajpurkar et al. 2018, "Know What You Don't Know: Unanswerable Questions for SQuAD", arXiv 1806.03822).</summary>
internal static partial class AnswerText
{
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The words of an answer that count: in lower case, without punctuation and articles.</summary>
    public static string[] Words(string answer) =>
        Articles().Replace(string.Concat(TextInputs.Lower(answer).Where(character => !Punctuation.Contains(character, StringComparison.Ordinal))), " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether an answer is one of the right ones, word for word.</summary>
    /// <param name="answer">The answer; empty for none.</param>
    /// <param name="gold">The right answers; none, or none with a word that counts, where having no answer is right.</param>
    public static bool IsExact(string answer, IReadOnlyList<string> gold) => Best(answer, gold, (found, right) => found.SequenceEqual(right, StringComparer.Ordinal) ? 1 : 0) > 0;

    /// <summary>The F1 score of an answer's words against those of the right answer that it is nearest to.</summary>
    /// <inheritdoc cref="IsExact"/>
    public static double F1(string answer, IReadOnlyList<string> gold) => Best(answer, gold, F1);

    private static double Best(string answer, IReadOnlyList<string> gold, Func<string[], string[], double> compare)
    {
        string[] found = Words(answer);
        string[][] right = [.. gold.Select(Words).Where(words => words.Length > 0)];
        return right.Length == 0 ? compare(found, []) : right.Max(words => compare(found, words));
    }

    private static double F1(string[] found, string[] right)
    {
        if (found.Length == 0 || right.Length == 0)
            return found.Length == right.Length ? 1 : 0;
        Dictionary<string, int> left = right.CountBy(word => word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        int same = found.Count(word => left.TryGetValue(word, out int count) && (left[word] = count - 1) >= 0);
        return 2.0 * same / (found.Length + right.Length);
    }

    [GeneratedRegex(@"\b(a|an|the)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Articles();
}
