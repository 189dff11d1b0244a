using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>Text as it is, or lower-cased.</summary>
internal sealed class PlainPreparation(bool lowerCase) : ITextPreparation
{
    public bool ChangesLetters => lowerCase;

    public AlignedText Prepare(string text, int start, int end)
    {
        var prepared = new AlignedText();
        for (int at = start; at < end;)
        {
            if (!lowerCase)
            {
                prepared.Append(text[at], at, at + 1);
                at++;
                continue;
            }
            Rune.DecodeFromUtf16(text.AsSpan(at, end - at), out Rune rune, out int length);
            LowerCase.Append(prepared, rune, at, at + length);
            at += length;
        }
        return prepared;
    }
}
