using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>Unicode's normal forms of whole texts from own tables (Unicode Standard, section 3.11), each character with its origin.</summary>
/// <remarks>Own for the reason that <see cref="UnicodeDecomposition"/> gives.</remarks>
internal static partial class UnicodeComposition
{
    private const int HangulBase = 0xAC00, LeadingBase = 0x1100, VowelBase = 0x1161, TrailingBase = 0x11A7, Vowels = 21, Trailings = 28, Syllables = 11172;

    private static readonly Lazy<Dictionary<int, byte>> Classes = new(ReadClasses);
    private static readonly Lazy<Dictionary<(int First, int Second), int>> Composites = new(ReadComposites);

    /// <summary>A character and where it came from.</summary>
    private readonly record struct Letter(Rune Rune, int Start, int End);

    /// <summary>The normal form: NFD, or NFKD, NFC and NFKC.</summary>
    /// <param name="text">The text.</param>
    /// <param name="compatibility">Whether to use the compatibility decompositions.</param>
    /// <param name="compose">Whether to compose what was decomposed.</param>
    public static AlignedText Normalize(AlignedText text, bool compatibility, bool compose)
    {
        List<Letter> letters = Decompose(text, compatibility);
        Order(letters);
        if (compose)
            Compose(letters);
        var normal = new AlignedText();
        foreach (Letter letter in letters)
            normal.Append(letter.Rune, letter.Start, letter.End);
        return normal;
    }

    private static List<Letter> Decompose(AlignedText text, bool compatibility)
    {
        var letters = new List<Letter>(text.Length);
        for (int at = 0, length; at < text.Length; at += length)
        {
            Rune.DecodeFromUtf16(text.Chars[at..], out Rune rune, out length);
            (int start, int end) = (text.StartOf(at), text.EndOf(at + length - 1));
            if (!UnicodeDecomposition.TryDecompose(rune, compatibility, out string parts))
                letters.Add(new Letter(rune, start, end));
            foreach (Rune part in parts.EnumerateRunes())
                letters.Add(new Letter(part, start, end));
        }
        return letters;
    }

    /// <summary>Marks that follow each other are sorted by their classes; those of one class keep their order.</summary>
    private static void Order(List<Letter> letters)
    {
        for (int i = 1; i < letters.Count; i++)
        {
            byte own = Class(letters[i].Rune);
            for (int at = i; own > 0 && at > 0 && Class(letters[at - 1].Rune) > own; at--)
                (letters[at - 1], letters[at]) = (letters[at], letters[at - 1]);
        }
    }

    /// <summary>Each starter takes the letters after it that it composes with, unless one between them, of the same class or a higher one, is in the way.</summary>
    private static void Compose(List<Letter> letters)
    {
        int starter = -1, last = 0, kept = 0;
        for (int i = 0; i < letters.Count; i++)
        {
            Letter letter = letters[i];
            int own = Class(letter.Rune);
            bool adjacent = kept == starter + 1;
            if (starter >= 0 && (adjacent || (last < own && last > 0)) && Composite(letters[starter].Rune.Value, letter.Rune.Value) is { } whole)
            {
                letters[starter] = new Letter(new Rune(whole), letters[starter].Start, letter.End);
                continue;
            }
            if (own == 0)
                starter = kept;
            last = own;
            letters[kept++] = letter;
        }
        letters.RemoveRange(kept, letters.Count - kept);
    }

    private static byte Class(Rune rune) => rune.Value < 0x300 ? (byte)0 : Classes.Value.GetValueOrDefault(rune.Value);

    private static int? Composite(int first, int second)
    {
        if (first is >= LeadingBase and < LeadingBase + 19 && second is >= VowelBase and < VowelBase + Vowels)
            return HangulBase + ((first - LeadingBase) * Vowels + second - VowelBase) * Trailings;
        if (first is >= HangulBase and < HangulBase + Syllables && (first - HangulBase) % Trailings == 0 && second is > TrailingBase and < TrailingBase + Trailings)
            return first + second - TrailingBase;
        return Composites.Value.TryGetValue((first, second), out int whole) ? whole : null;
    }

    private static Dictionary<int, byte> ReadClasses()
    {
        var classes = new Dictionary<int, byte>();
        var numbers = new PackedNumbers(ClassTable);
        for (int first = 0; !numbers.AtEnd;)
        {
            first += numbers.Next();
            int count = numbers.Next(), value = numbers.Next();
            for (int i = 0; i < count; i++)
                classes.Add(first + i, (byte)value);
        }
        return classes;
    }

    private static Dictionary<(int First, int Second), int> ReadComposites()
    {
        var composites = new Dictionary<(int First, int Second), int>();
        var numbers = new PackedNumbers(CompositeTable);
        for (int whole = 0; !numbers.AtEnd;)
        {
            whole += numbers.Next();
            composites.Add((numbers.Next(), numbers.Next()), whole);
        }
        return composites;
    }
}
