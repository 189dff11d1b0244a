using System.Globalization;
using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>Receives the words that <see cref="BertWordSplitter"/> finds.</summary>
internal interface IWordSink
{
    /// <summary>A normalised, non-empty word; valid during the call only.</summary>
    void Accept(AlignedText word);
}

/// <summary>Splits text into words as BERT does: at white space, around punctuation and CJK ideographs, normalising on the way.</summary>
/// <remarks>
/// One pass over characters, equal to the steps of Hugging Face's BasicTokenizer in sequence (clean, isolate ideographs,
/// lower-case, decompose and drop marks, split off punctuation), because each step works on single characters.
/// </remarks>
internal sealed class BertWordSplitter(BertNormalization normalization)
{
    private enum Kind : byte { Letter, Upper, Space, Punctuation, Control }

    private static readonly Kind[] Ascii = [.. Enumerable.Range(0, 128).Select(Classify)];

    private readonly bool _lowerCase = normalization.LowerCase, _stripAccents = normalization.StripAccents;
    private readonly bool _splitCjk = normalization.SplitCjk, _cleanText = normalization.CleanText;

    /// <summary>Hands the words of <c>text[start..end]</c> to <paramref name="sink"/>; positions in words are positions in <paramref name="text"/>.</summary>
    public void Split<TSink>(string text, int start, int end, AlignedText word, ref TSink sink) where TSink : IWordSink
    {
        word.Clear();
        for (int at = start; at < end; at++)
        {
            char character = text[at];
            if (character < 128)
            {
                switch (Ascii[character])
                {
                    case Kind.Letter:
                        word.Append(character, at, at + 1);
                        break;
                    case Kind.Upper:
                        word.Append(_lowerCase ? (char)(character | 0x20) : character, at, at + 1);
                        break;
                    case Kind.Space:
                        Flush(word, ref sink);
                        break;
                    case Kind.Punctuation:
                        Flush(word, ref sink);
                        word.Append(character, at, at + 1);
                        Flush(word, ref sink);
                        break;
                    case Kind.Control when !_cleanText && character is '\v' or '\f':
                        Flush(word, ref sink);
                        break;
                    case Kind.Control when !_cleanText:
                        word.Append(character, at, at + 1);
                        break;
                }
            }
            else
            {
                Rune.DecodeFromUtf16(text.AsSpan(at, end - at), out Rune rune, out int length);
                // A lone surrogate decodes as U+FFFD, which cleaning drops, as it drops surrogates.
                SplitRune(rune, at, at + length, word, ref sink);
                at += length - 1;
            }
        }
        Flush(word, ref sink);
    }

    /// <summary>Whether normalisation makes other letters of some.</summary>
    public bool ChangesLetters => _lowerCase || _stripAccents;

    /// <summary>The normal form of <c>text[start..end]</c> before it is split: white space as spaces, and one on either side of an ideograph.</summary>
    public AlignedText Normalize(string text, int start, int end)
    {
        var normal = new AlignedText();
        for (int at = start, length; at < end; at += length)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at, end - at), out Rune rune, out length);
            if (Rune.IsWhiteSpace(rune) && !(_cleanText && rune.Value is '\v' or '\f' or 0x85))
                normal.Append(' ', at, at + length);
            else if (!_cleanText || rune.Value != 0xFFFD && !IsOther(Rune.GetUnicodeCategory(rune)))
                AppendNormal(rune, at, at + length, normal);
        }
        return normal;
    }

    private void AppendNormal(Rune rune, int start, int end, AlignedText normal)
    {
        bool alone = _splitCjk && IsCjk(rune.Value);
        if (alone)
            normal.Append(' ', start, start);
        foreach (Rune letter in (!_lowerCase ? rune.ToString() : rune.Value == 0x130 ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString()).EnumerateRunes())
            foreach (Rune part in (_stripAccents && UnicodeDecomposition.TryDecompose(letter, compatibility: false, out string parts) ? parts : letter.ToString()).EnumerateRunes())
                if (!_stripAccents || !UnicodeDecomposition.IsNonSpacingMark(part))
                    normal.Append(part, start, end);
        if (alone)
            normal.Append(' ', end, end);
    }

    private void SplitRune<TSink>(Rune rune, int start, int end, AlignedText word, ref TSink sink) where TSink : IWordSink
    {
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        if (category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator || rune.Value == 0x85 && !_cleanText)
        {
            Flush(word, ref sink);
            return;
        }
        if (_cleanText && (rune.Value == 0xFFFD || IsOther(category)))
            return;
        bool alone = _splitCjk && IsCjk(rune.Value);
        if (alone)
            Flush(word, ref sink);
        if (_lowerCase)
        {
            // The only character whose lower case is always two: i and a dot above.
            if (rune.Value == 0x130)
            {
                Append(new Rune('i'), start, end, word, ref sink);
                rune = new Rune('\u0307');
            }
            else
            {
                rune = Rune.ToLowerInvariant(rune);
            }
        }
        if (_stripAccents && UnicodeDecomposition.TryDecompose(rune, compatibility: false, out string decomposition))
        {
            foreach (Rune part in decomposition.EnumerateRunes())
                Append(part, start, end, word, ref sink);
        }
        else
        {
            Append(rune, start, end, word, ref sink);
        }
        if (alone)
            Flush(word, ref sink);
    }

    private void Append<TSink>(Rune rune, int start, int end, AlignedText word, ref TSink sink) where TSink : IWordSink
    {
        if (_stripAccents && UnicodeDecomposition.IsNonSpacingMark(rune))
            return;
        bool punctuation = rune.IsAscii ? Ascii[rune.Value] == Kind.Punctuation : IsPunctuation(Rune.GetUnicodeCategory(rune));
        if (punctuation)
            Flush(word, ref sink);
        word.Append(rune, start, end);
        if (punctuation)
            Flush(word, ref sink);
    }

    private static void Flush<TSink>(AlignedText word, ref TSink sink) where TSink : IWordSink
    {
        if (word.Length == 0)
            return;
        sink.Accept(word);
        word.Clear();
    }

    private static Kind Classify(int code) => (char)code switch
    {
        ' ' or '\t' or '\n' or '\r' => Kind.Space,
        < ' ' or '\x7F' => Kind.Control,
        (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~') => Kind.Punctuation,
        >= 'A' and <= 'Z' => Kind.Upper,
        _ => Kind.Letter,
    };

    /// <summary>Categories C*: control, format, surrogate, private use, unassigned.</summary>
    private static bool IsOther(UnicodeCategory category) => category is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    /// <summary>Categories P*.</summary>
    private static bool IsPunctuation(UnicodeCategory category) => category is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    /// <summary>The blocks of ideographs that BERT isolates; kana and hangul are not among them.</summary>
    private static bool IsCjk(int code) => code is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
