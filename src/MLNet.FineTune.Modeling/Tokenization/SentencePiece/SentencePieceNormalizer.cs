using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>SentencePiece's normalisation, keeping track of where each character came from, which the library's does not.</summary>
/// <remarks>Replaces characters by the model's map, turns spaces into U+2581, merges and trims them, and puts one in front, as the model says.</remarks>
internal sealed class SentencePieceNormalizer
{
    /// <summary>The visible stand-in for a space.</summary>
    public const char Space = '\u2581';

    private readonly CharacterMap _map;
    private readonly bool _addDummyPrefix;
    private readonly bool _removeExtraSpaces;
    private readonly string[] _userDefined;

    /// <exception cref="InvalidDataException">The model's character map is broken.</exception>
    public SentencePieceNormalizer(SentencePieceModel model)
    {
        _map = new CharacterMap(model.CharacterMap);
        (_addDummyPrefix, _removeExtraSpaces) = (model.AddDummyPrefix, model.RemoveExtraSpaces);
        _userDefined = [.. model.Pieces.Where(piece => piece.Kind == PieceKind.UserDefined).Select(piece => piece.Text).OrderByDescending(text => text.Length)];
    }

    /// <summary>Normalises <paramref name="input"/>; origins in the result are origins of the input's characters.</summary>
    public AlignedText Normalize(AlignedText input)
    {
        var output = new AlignedText();
        (byte[] utf8, int[] origin) = Utf8(input.Chars);
        bool afterSpace = _removeExtraSpaces;
        bool begun = false;
        for (int at = 0; at < utf8.Length;)
        {
            int length = Prefix(utf8, at, input.Chars[origin[at]..], out string replacement);
            int start = input.StartOf(origin[at]), end = input.EndOf(origin[at + length - 1]);
            at += length;
            ReadOnlySpan<char> rest = replacement;
            if (_removeExtraSpaces && afterSpace)
                rest = rest.TrimStart(' ');
            if (rest.IsEmpty)
                continue;
            if (!begun && _addDummyPrefix)
                output.Append(Space, start, start);
            begun = true;
            foreach (char character in rest)
                output.Append(character == ' ' ? Space : character, start, end);
            afterSpace = rest[^1] == ' ';
        }
        while (_removeExtraSpaces && output.Length > 0 && output.Chars[^1] == Space)
            output.RemoveLast();
        return output;
    }

    /// <summary>The normal form of what stands at a place, and how many bytes that is: a user-defined piece, a mapped sequence, or one character.</summary>
    private int Prefix(byte[] utf8, int at, ReadOnlySpan<char> chars, out string replacement)
    {
        foreach (string piece in _userDefined)
        {
            if (chars.StartsWith(piece, StringComparison.Ordinal))
            {
                replacement = piece;
                return System.Text.Encoding.UTF8.GetByteCount(piece);
            }
        }
        int length = _map.Match(utf8.AsSpan(at), out ReadOnlySpan<byte> mapped);
        if (length > 0)
        {
            replacement = System.Text.Encoding.UTF8.GetString(mapped);
            return length;
        }
        Rune.DecodeFromUtf8(utf8.AsSpan(at), out Rune rune, out length);
        replacement = rune.ToString();
        return length;
    }

    /// <summary>The text as UTF-8 and, for each byte, the character it came from; lone surrogates become U+FFFD.</summary>
    private static (byte[] Bytes, int[] Origin) Utf8(ReadOnlySpan<char> text)
    {
        var bytes = new byte[3 * text.Length];
        var origin = new int[3 * text.Length];
        int count = 0;
        for (int at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out Rune rune, out int length);
            int size = rune.EncodeToUtf8(bytes.AsSpan(count));
            origin.AsSpan(count, size).Fill(at);
            // The last byte belongs to the last char, so that ranges cover whole surrogate pairs.
            origin[count + size - 1] = at + length - 1;
            count += size;
            at += length;
        }
        return (bytes[..count], origin[..count]);
    }
}
