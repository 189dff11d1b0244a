using System.Text;
using System.Text.RegularExpressions;

namespace MLNet.FineTune.Tokenization;

/// <summary>The normalizers of a <c>tokenizer.json</c>, one after the other.</summary>
/// <remarks>
/// They give what Hugging Face's tokenizers library gives, but for one: a character map takes the longest sequence at each place,
/// as SentencePiece does, which made the model; the library asks for whole grapheme clusters, and drops what is left of one.
/// </remarks>
internal sealed class TextNormalizers
{
    private const string Supported = "Precompiled, Replace, Strip, StripAccents, Lowercase, NFC, NFD, NFKC, NFKD, and sequences of them";

    /// <summary>The patterns that are known to mean the same to .NET.</summary>
    private static readonly string[] Patterns = [" {2,}", @"\s{2,}|[\n\r\t]"];

    private readonly List<Func<AlignedText, AlignedText>> _steps = [];

    private TextNormalizers()
    {
    }

    /// <summary>Whether there is any.</summary>
    public bool Any => _steps.Count > 0;

    /// <summary>Reads the field <c>normalizer</c>.</summary>
    /// <exception cref="InvalidDataException">A value is missing or malformed.</exception>
    /// <exception cref="NotSupportedException">A normalizer is none of those that are computed here.</exception>
    public static TextNormalizers Read(TokenizerJson json)
    {
        var normalizers = new TextNormalizers();
        if (json.Root.Object("normalizer") is { } normalizer)
            normalizers.Add(normalizer);
        return normalizers;
    }

    public AlignedText Normalize(string text, int start, int end)
    {
        var normal = new AlignedText();
        for (int at = start; at < end; at++)
            normal.Append(text[at], at, at + 1);
        foreach (Func<AlignedText, AlignedText> step in _steps)
            normal = step(normal);
        return normal;
    }

    private void Add(JsonFields normalizer)
    {
        string? type = normalizer.String("type");
        switch (type)
        {
            case "Sequence":
                foreach (JsonFields part in normalizer.Array("normalizers"))
                    Add(part);
                break;
            case "Precompiled":
                CharacterMap map = Map(normalizer);
                _steps.Add(text => Replace(text, map));
                break;
            case "Replace":
                AddReplacement(normalizer);
                break;
            case "Strip":
                (bool left, bool right) = (normalizer.Boolean("strip_left") ?? true, normalizer.Boolean("strip_right") ?? true);
                _steps.Add(text => Strip(text, left, right));
                break;
            case "StripAccents":
                _steps.Add(text => EachLetter(text, static (rune, start, end, normal) =>
                {
                    if (!UnicodeDecomposition.IsMark(rune))
                        normal.Append(rune, start, end);
                }));
                break;
            case "Lowercase":
                _steps.Add(text => EachLetter(text, static (rune, start, end, normal) => LowerCase.Append(normal, rune, start, end)));
                break;
            case "NFC" or "NFD" or "NFKC" or "NFKD":
                (bool compatibility, bool compose) = (type[2] == 'K', type[^1] == 'C');
                _steps.Add(text => UnicodeComposition.Normalize(text, compatibility, compose));
                break;
            default:
                throw normalizer.Unsupported($"the normalizer '{type ?? "none"}' with a Unigram model", Supported);
        }
    }

    private static CharacterMap Map(JsonFields normalizer)
    {
        try
        {
            return new CharacterMap(Convert.FromBase64String(normalizer.String("precompiled_charsmap") ?? ""));
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            throw normalizer.Files.Invalid(normalizer.FileName, $"the field '{normalizer.Path}.precompiled_charsmap' is no character map: {e.Message}", e);
        }
    }

    private void AddReplacement(JsonFields normalizer)
    {
        JsonFields pattern = normalizer.Object("pattern") ?? throw normalizer.Invalid($"the field '{normalizer.Path}.pattern' is missing.");
        string content = normalizer.String("content") ?? throw normalizer.Invalid($"the field '{normalizer.Path}.content' is missing.");
        string expression;
        if (pattern.String("String") is { Length: > 0 } literal)
            expression = Regex.Escape(literal);
        else if (pattern.String("Regex") is { } regex && Patterns.Contains(regex))
            expression = regex;
        else
            throw normalizer.Unsupported($"the pattern {pattern.Element.GetRawText()}", $"texts, and the expressions {string.Join(" and ", Patterns.Select(known => $"'{known}'"))}");
        var search = new Regex(expression, RegexOptions.CultureInvariant);
        _steps.Add(text => Replace(text, search, content));
    }

    /// <summary>The longest sequences that the map has, from left to right; what it lacks stays.</summary>
    private static AlignedText Replace(AlignedText text, CharacterMap map)
    {
        var normal = new AlignedText();
        byte[] utf8 = new byte[3 * text.Length];
        int[] origins = new int[utf8.Length];
        int count = 0;
        for (int at = 0, length; at < text.Length; at += length)
        {
            Rune.DecodeFromUtf16(text.Chars[at..], out Rune rune, out length);
            int size = rune.EncodeToUtf8(utf8.AsSpan(count));
            origins.AsSpan(count, size).Fill(at);
            origins[count + size - 1] = at + length - 1;
            count += size;
        }
        for (int at = 0, length; at < count; at += length)
        {
            length = map.Match(utf8.AsSpan(at, count - at), out ReadOnlySpan<byte> replacement);
            if (length == 0)
            {
                Rune.DecodeFromUtf8(utf8.AsSpan(at, count - at), out _, out length);
                replacement = utf8.AsSpan(at, length);
            }
            normal.Append(System.Text.Encoding.UTF8.GetString(replacement), text.StartOf(origins[at]), text.EndOf(origins[at + length - 1]));
        }
        return normal;
    }

    private static AlignedText Replace(AlignedText text, Regex search, string content)
    {
        var normal = new AlignedText();
        int from = 0;
        foreach (ValueMatch match in search.EnumerateMatches(text.Chars))
        {
            Copy(text, from, match.Index, normal);
            from = match.Index + match.Length;
            normal.Append(content, text.StartOf(match.Index), text.EndOf(from - 1));
        }
        Copy(text, from, text.Length, normal);
        return normal;
    }

    private static AlignedText Strip(AlignedText text, bool left, bool right)
    {
        int start = 0, end = text.Length;
        while (left && start < end && char.IsWhiteSpace(text.Chars[start]))
            start++;
        while (right && end > start && char.IsWhiteSpace(text.Chars[end - 1]))
            end--;
        var normal = new AlignedText();
        Copy(text, start, end, normal);
        return normal;
    }

    private static AlignedText EachLetter(AlignedText text, Action<Rune, int, int, AlignedText> append)
    {
        var normal = new AlignedText();
        for (int at = 0, length; at < text.Length; at += length)
        {
            Rune.DecodeFromUtf16(text.Chars[at..], out Rune rune, out length);
            append(rune, text.StartOf(at), text.EndOf(at + length - 1), normal);
        }
        return normal;
    }

    private static void Copy(AlignedText text, int from, int to, AlignedText target)
    {
        for (int at = from; at < to; at++)
            target.Append(text.Chars[at], text.StartOf(at), text.EndOf(at));
    }
}
