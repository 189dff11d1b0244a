using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>ALBERT's preparation: white space to single spaces, TeX quotes to plain ones, accents off, lower case.</summary>
/// <param name="lowerCase">Whether text is lower-cased.</param>
/// <param name="keepAccents">Whether accents stay; otherwise characters are decomposed (NFKD) and marks dropped.</param>
/// <param name="removeSpace">Whether white space is trimmed and each run made one space.</param>
internal sealed class AlbertPreparation(bool lowerCase, bool keepAccents, bool removeSpace) : ITextPreparation
{
    public bool ChangesLetters => lowerCase || !keepAccents;

    public AlignedText Prepare(string text, int start, int end)
    {
        var prepared = new AlignedText();
        int pendingSpace = -1;
        for (int at = start; at < end;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at, end - at), out Rune rune, out int length);
            // Python's str.split also splits at the ASCII separators U+001C to U+001F.
            if (removeSpace && (Rune.IsWhiteSpace(rune) || rune.Value is >= 0x1C and <= 0x1F))
            {
                pendingSpace = prepared.Length > 0 && pendingSpace < 0 ? at : pendingSpace;
                at += length;
                continue;
            }
            if (pendingSpace >= 0)
                prepared.Append(' ', pendingSpace, at);
            pendingSpace = -1;
            if (rune.Value is '`' or '\'' && at + 1 < end && text[at + 1] == text[at])
            {
                prepared.Append('"', at, at + 2);
                at += 2;
                continue;
            }
            Append(prepared, rune, at, at + length);
            at += length;
        }
        return prepared;
    }

    private void Append(AlignedText prepared, Rune rune, int start, int end)
    {
        string decomposition = rune.ToString();
        if (!keepAccents && UnicodeDecomposition.TryDecompose(rune, compatibility: true, out string found))
            decomposition = found;
        foreach (Rune part in decomposition.EnumerateRunes())
        {
            if (!keepAccents && UnicodeDecomposition.IsMark(part))
                continue;
            if (lowerCase)
                LowerCase.Append(prepared, part, start, end);
            else
                prepared.Append(part, start, end);
        }
    }
}
