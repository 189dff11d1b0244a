using System.Buffers.Binary;

namespace MLNet.FineTune.Tokenization;

/// <summary>The character replacements of a SentencePiece model (<c>precompiled_charsmap</c>), for instance NFKC with a few additions.</summary>
/// <remarks>
/// Layout: the length of the trie in bytes (uint32), the trie, then the replacements as NUL-terminated UTF-8. The trie is a
/// double array in darts-clone's format. A unit holds a label in its low byte, an offset to its children, and whether
/// one of them is a leaf; a leaf holds the place of its replacement.
/// </remarks>
internal sealed class CharacterMap
{
    private readonly uint[] _trie = [];
    private readonly byte[] _replacements = [];

    /// <exception cref="InvalidDataException">The layout is broken.</exception>
    public CharacterMap(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        long size = bytes.Length < 4 ? -1 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size < 0 || size % 4 != 0 || size > bytes.Length - 4)
            throw new InvalidDataException($"the character map of {bytes.Length} bytes says that its trie has {size}");
        _trie = new uint[size / 4];
        for (int unit = 0; unit < _trie.Length; unit++)
            _trie[unit] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + 4 * unit)..]);
        _replacements = bytes[(4 + (int)size)..].ToArray();
    }

    /// <summary>The longest key that <paramref name="utf8"/> begins with: its length in bytes (0 for none) and its replacement.</summary>
    public int Match(ReadOnlySpan<byte> utf8, out ReadOnlySpan<byte> replacement)
    {
        replacement = default;
        if (_trie.Length == 0)
            return 0;
        int matched = 0;
        uint place = 0;
        uint node = Offset(_trie[0]);
        for (int at = 0; at < utf8.Length; at++)
        {
            node ^= utf8[at];
            // No key holds NUL, which marks leaves.
            if (utf8[at] == 0 || node >= _trie.Length || (_trie[node] & 0x800000FF) != utf8[at])
                break;
            uint unit = _trie[node];
            node ^= Offset(unit);
            if ((unit >> 8 & 1) != 0 && node < _trie.Length)
                (matched, place) = (at + 1, _trie[node] & 0x7FFFFFFF);
        }
        if (matched > 0 && place < _replacements.Length)
        {
            replacement = _replacements.AsSpan((int)place);
            int end = replacement.IndexOf((byte)0);
            replacement = end < 0 ? replacement : replacement[..end];
        }
        return matched;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 1 << 9) >> 6);
}
