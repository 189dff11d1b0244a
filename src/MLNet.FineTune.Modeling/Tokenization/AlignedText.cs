using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>Normalised text that knows, character by character, which range of the original it came from.</summary>
internal sealed class AlignedText
{
    private char[] _chars = new char[64];
    private int[] _starts = new int[64];
    private int[] _ends = new int[64];

    public int Length { get; private set; }

    public ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    /// <summary>Where, in the original, the origin of the character at <paramref name="index"/> begins.</summary>
    public int StartOf(int index) => _starts[index];

    /// <summary>Where, in the original, the origin of the character at <paramref name="index"/> ends (exclusive).</summary>
    public int EndOf(int index) => _ends[index];

    public void Clear() => Length = 0;

    public void RemoveLast() => Length--;

    public void Append(char character, int start, int end)
    {
        if (Length == _chars.Length)
            Grow();
        _chars[Length] = character;
        _starts[Length] = start;
        _ends[Length] = end;
        Length++;
    }

    public void Append(ReadOnlySpan<char> characters, int start, int end)
    {
        foreach (char character in characters)
            Append(character, start, end);
    }

    public void Append(Rune rune, int start, int end)
    {
        Span<char> characters = stackalloc char[2];
        Append(characters[..rune.EncodeToUtf16(characters)], start, end);
    }

    private void Grow()
    {
        int size = _chars.Length * 2;
        Array.Resize(ref _chars, size);
        Array.Resize(ref _starts, size);
        Array.Resize(ref _ends, size);
    }
}
