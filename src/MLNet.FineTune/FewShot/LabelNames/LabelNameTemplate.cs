using System.Text.RegularExpressions;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.FewShot;

/// <summary>Makes texts of class names: examples of a class that none was written for.</summary>
internal static partial class LabelNameTemplate
{
    /// <summary>Stands for the name in a template.</summary>
    public const string Placeholder = "{}";

    /// <summary>The template that SetFit's zero-shot classification was found to do well with.</summary>
    public const string Default = "This is about {}.";

    /// <summary>Whether there is a place for the name.</summary>
    public static bool IsValid(string template) => template.Contains(Placeholder, StringComparison.Ordinal);

    /// <summary>The text that a class's name gives.</summary>
    public static string Apply(string template, string name) => template.Replace(Placeholder, Words(name), StringComparison.Ordinal);

    /// <summary>A number of equal texts for each class.</summary>
    public static LabelledTexts Rows(string template, IReadOnlyList<string> names, int examples) => new(
        [.. names.SelectMany(name => Enumerable.Repeat(new TextInput(Apply(template, name)), examples))],
        [.. names.SelectMany((_, label) => Enumerable.Repeat(label, examples))]);

    /// <summary>
    /// A name as words: underscores are spaces, and a name that is one identifier is parted where its case says so, with what was a capital
    /// for that reason only in lower case: <c>card_arrival</c> and <c>cardArrival</c> are "card arrival", <c>HTTPError</c> "HTTP error".
    /// </summary>
    public static string Words(string name)
    {
        string spaced = string.Join(' ', name.Split(['_', ' '], StringSplitOptions.RemoveEmptyEntries));
        if (spaced.Contains(' ', StringComparison.Ordinal))
            return spaced;
        string[] parts = WordStart().Split(spaced);
        return string.Join(' ', parts.Select((part, i) => i > 0 && !(part.Length > 1 && char.IsUpper(part[1])) ? char.ToLowerInvariant(part[0]) + part[1..] : part));
    }

    /// <summary>Whether names say something: each has a word of three letters or more (one, where it is in another script than the Latin), and no two differ in numbers and signs alone.</summary>
    public static bool AreWords(IReadOnlyList<string> names) =>
        names.All(name => Word().IsMatch(Words(name))) &&
        names.Select(name => string.Concat(name.Where(char.IsLetter))).Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Count;

    [GeneratedRegex(@"\p{L}{3}|(?![\p{IsBasicLatin}\p{IsLatin-1Supplement}])\p{L}")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<=[\p{Ll}\d])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})")]
    private static partial Regex WordStart();
}
