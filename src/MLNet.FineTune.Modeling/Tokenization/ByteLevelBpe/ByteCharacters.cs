namespace MLNet.FineTune.Tokenization;

/// <summary>GPT-2's printable stand-ins for the 256 bytes, in which byte-level BPE vocabularies are written.</summary>
/// <remarks>Bytes that are printable in Latin-1 stand for themselves; the others follow in order from U+0100 (so a space is U+0120, "Ġ").</remarks>
internal static class ByteCharacters
{
    private static readonly char[] Table = Build();

    /// <summary>The character that stands for a byte.</summary>
    public static char Of(byte value) => Table[value];

    /// <summary>The text that such characters stand for; bytes that are no UTF-8 become U+FFFD.</summary>
    public static string Decode(ReadOnlySpan<char> characters)
    {
        var bytes = new byte[characters.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)Array.IndexOf(Table, characters[i]);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    private static char[] Build()
    {
        var table = new char[256];
        int next = 0x100;
        for (int value = 0; value < 256; value++)
            table[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : (char)next++;
        return table;
    }
}
