using System.Globalization;
using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>Splits text into the stretches that byte-level BPE never merges across.</summary>
/// <remarks>
/// GPT-2's rule, by code points: a contraction (<c>'s 't 're 've 'm 'll 'd</c>); or letters, or numbers, or other visible
/// characters, each with at most one space before; or white space, leaving its last character to what follows. A regular
/// expression in .NET sees UTF-16 units and would take letters beyond the basic plane for symbols.
/// </remarks>
internal static class Gpt2Splitter
{
    private enum Kind { Letter, Number, Other, Space }

    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    /// <summary>The end of the stretch that begins at <paramref name="start"/>, which must be below <paramref name="end"/>.</summary>
    public static int Next(string text, int start, int end)
    {
        if (text[start] == '\'')
            foreach (string contraction in Contractions)
                if (text.AsSpan(start, end - start).StartsWith(contraction, StringComparison.Ordinal))
                    return start + contraction.Length;

        Kind kind = KindAt(text, start, end, out int length);
        if (kind != Kind.Space)
            return RunEnd(text, start + length, end, kind);
        if (text[start] == ' ' && start + 1 < end && KindAt(text, start + 1, end, out length) is var following and not Kind.Space)
            return RunEnd(text, start + 1 + length, end, following);
        int stop = RunEnd(text, start, end, Kind.Space);
        // White space characters are all in the basic plane: the last one is one char.
        return stop == end || stop - start == 1 ? stop : stop - 1;
    }

    private static int RunEnd(string text, int at, int end, Kind kind)
    {
        while (at < end && KindAt(text, at, end, out int length) == kind)
            at += length;
        return at;
    }

    private static Kind KindAt(string text, int at, int end, out int length)
    {
        char character = text[at];
        length = 1;
        if (character < 128)
            return char.IsAsciiLetter(character) ? Kind.Letter : char.IsAsciiDigit(character) ? Kind.Number : char.IsWhiteSpace(character) ? Kind.Space : Kind.Other;
        Rune.DecodeFromUtf16(text.AsSpan(at, end - at), out Rune rune, out length);
        if (Rune.IsWhiteSpace(rune))
            return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
