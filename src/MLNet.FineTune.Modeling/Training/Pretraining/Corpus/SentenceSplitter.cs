using System.Text.RegularExpressions;

namespace MLNet.FineTune.Pretraining;

/// <summary>Cuts a paragraph into sentences: after a full stop, question or exclamation mark, before what looks like a beginning.</summary>
/// <remarks>It errs after abbreviations, which does no harm to training: a sentence is only where a passage may begin or end.</remarks>
internal static partial class SentenceSplitter
{
    /// <summary>Shorter pieces are joined with what follows.</summary>
    private const int LeastCharacters = 20;

    public static IEnumerable<string> Split(string paragraph)
    {
        int start = 0;
        foreach (Match match in Boundary().Matches(paragraph))
        {
            int end = match.Index + match.Length;
            if (match.Index - start < LeastCharacters)
                continue;
            yield return paragraph[start..match.Index];
            start = end;
        }
        if (start < paragraph.Length)
            yield return paragraph[start..];
    }

    [GeneratedRegex("""(?<=[.!?][)"'”’\]]?)\s+(?=[\p{Lu}\p{Nd}"'“‘(\[])""")]
    private static partial Regex Boundary();
}
