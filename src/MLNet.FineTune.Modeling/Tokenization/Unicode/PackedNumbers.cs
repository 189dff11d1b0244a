using System.IO.Compression;

namespace MLNet.FineTune.Tokenization;

/// <summary>The numbers of a packed table: a zlib stream in base64 of little-endian base-128 varints.</summary>
internal ref struct PackedNumbers
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    public PackedNumbers(string table)
    {
        using var unpacked = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(Convert.FromBase64String(table)), CompressionMode.Decompress))
            zlib.CopyTo(unpacked);
        _bytes = unpacked.ToArray();
    }

    public readonly bool AtEnd => _at == _bytes.Length;

    public int Next()
    {
        int value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = _bytes[_at++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
