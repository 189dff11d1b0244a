using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>Lower-casing that does not depend on a culture or on ICU.</summary>
internal static class LowerCase
{
    /// <summary>Appends the lower case of a character.</summary>
    public static void Append(AlignedText text, Rune rune, int start, int end)
    {
        // The only character whose lower case is always two: i and a dot above.
        if (rune.Value == 0x130)
            text.Append("i\u0307", start, end);
        else
            text.Append(Rune.ToLowerInvariant(rune), start, end);
    }
}
