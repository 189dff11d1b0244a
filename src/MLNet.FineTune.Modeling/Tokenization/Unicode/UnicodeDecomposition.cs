using System.Globalization;
using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>Unicode decomposition of single characters from own tables.</summary>
/// <remarks>
/// <see cref="string.Normalize()"/> leaves text as it is under globalization-invariant mode and without ICU (slim containers):
/// the same model would then see other tokens there, silently.
/// </remarks>
internal static partial class UnicodeDecomposition
{
    private static readonly Lazy<Dictionary<int, string>> Canonical = new(() => Read(CanonicalTable));
    private static readonly Lazy<Dictionary<int, string>> Compatibility = new(() => Read(CompatibilityTable));

    /// <summary>Appends the canonical (NFD) decomposition of a character; false, and nothing appended, when it is its own.</summary>
    /// <param name="rune">The character.</param>
    /// <param name="compatibility">Whether to use the compatibility (NFKD) decomposition.</param>
    /// <param name="decomposition">Receives the decomposition.</param>
    public static bool TryDecompose(Rune rune, bool compatibility, out string decomposition)
    {
        decomposition = "";
        if (rune.Value < 0xA0)
            return false;
        if (rune.Value is >= 0xAC00 and <= 0xD7A3)
        {
            decomposition = DecomposeHangul(rune.Value - 0xAC00);
            return true;
        }
        if (compatibility && Compatibility.Value.TryGetValue(rune.Value, out string? found) || Canonical.Value.TryGetValue(rune.Value, out found))
        {
            decomposition = found;
            return true;
        }
        return false;
    }

    /// <summary>Whether a character is a mark that stands on the one before it: category Mn.</summary>
    public static bool IsNonSpacingMark(Rune rune) => rune.Value >= 0x300 && Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark;

    /// <summary>Whether a character is a mark of any category (Mn, Mc, Me).</summary>
    public static bool IsMark(Rune rune) => rune.Value >= 0x300
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>Syllables are arranged by leading consonant, vowel and trailing consonant (Unicode Standard, section 3.12).</summary>
    private static string DecomposeHangul(int index)
    {
        char leading = (char)(0x1100 + index / 588), vowel = (char)(0x1161 + index % 588 / 28);
        int trailing = index % 28;
        return trailing == 0 ? string.Concat([leading, vowel]) : string.Concat([leading, vowel, (char)(0x11A7 + trailing)]);
    }

    private static Dictionary<int, string> Read(string table)
    {
        var entries = new Dictionary<int, string>(4096);
        var text = new StringBuilder();
        var numbers = new PackedNumbers(table);
        for (int codePoint = 0; !numbers.AtEnd;)
        {
            codePoint += numbers.Next();
            text.Clear();
            for (int left = numbers.Next(); left > 0; left--)
                text.Append(new Rune(numbers.Next()).ToString());
            entries.Add(codePoint, text.ToString());
        }
        return entries;
    }
}
