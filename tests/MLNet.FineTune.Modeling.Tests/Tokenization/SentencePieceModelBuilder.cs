using System.Buffers.Binary;

namespace MLNet.FineTune.Tests.Tokenization;

/// <summary>Writes SentencePiece model files: a protobuf ModelProto, and a character map with its double-array trie.</summary>
internal sealed class SentencePieceModelBuilder
{
    public List<(string Text, float Score, int Kind)> Pieces { get; } = [];

    public bool Bpe { get; set; }

    public bool ByteFallback { get; set; }

    /// <summary>ids of the unknown, begin, end and padding pieces as the trainer spec states them; null leaves them out.</summary>
    public (int Unk, int Bos, int Eos, int Pad)? Ids { get; set; }

    public Dictionary<string, string> Replacements { get; } = [];

    public SentencePieceModelBuilder Add(string text, float score = 0, int kind = 1)
    {
        Pieces.Add((text, score, kind));
        return this;
    }

    public byte[] Build()
    {
        var file = new List<byte>();
        foreach ((string text, float score, int kind) in Pieces)
            Message(file, 1, [.. Text(1, text), .. Single(2, score), .. kind == 1 ? [] : Number(3, kind)]);
        List<byte> trainer = [.. Number(3, Bpe ? 2 : 1), .. Number(35, ByteFallback ? 1 : 0)];
        if (Ids is { } ids)
            trainer.AddRange([.. Number(40, ids.Unk), .. Number(41, ids.Bos), .. Number(42, ids.Eos), .. Number(43, ids.Pad)]);
        Message(file, 2, trainer);
        Message(file, 3, [.. Text(1, "test"), .. Bytes(2, CharacterMap())]);
        return [.. file];
    }

    private static void Message(List<byte> file, int field, List<byte> content) => file.AddRange([.. Varint((ulong)field << 3 | 2), .. Varint((ulong)content.Count), .. content]);

    private static byte[] Number(int field, int value) => [.. Varint((ulong)field << 3), .. Varint(unchecked((ulong)value))];

    private static byte[] Text(int field, string value) => Bytes(field, TinyVocabulary.Utf8(value));

    private static byte[] Bytes(int field, byte[] value) => [.. Varint((ulong)field << 3 | 2), .. Varint((ulong)value.Length), .. value];

    private static byte[] Single(int field, float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return [.. Varint((ulong)field << 3 | 5), .. bytes];
    }

    private static List<byte> Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }

    /// <summary>Places each node's children at the first base of its own where all of them are free.</summary>
    private byte[] CharacterMap()
    {
        if (Replacements.Count == 0)
            return [];
        var texts = new List<byte>();
        var keys = new List<(byte[] Key, int Place)>();
        foreach ((string key, string replacement) in Replacements)
        {
            keys.Add((TinyVocabulary.Utf8(key), texts.Count));
            texts.AddRange([.. TinyVocabulary.Utf8(replacement), 0]);
        }
        var units = new uint[1 << 14];
        var used = new bool[units.Length];
        used[0] = true;
        Place(keys, 0, 0, units, used, []);
        var bytes = new byte[4 + 4 * units.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 4 * units.Length);
        for (int unit = 0; unit < units.Length; unit++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + 4 * unit), units[unit]);
        return [.. bytes, .. texts];
    }

    private static void Place(List<(byte[] Key, int Place)> keys, int depth, int node, uint[] units, bool[] used, HashSet<int> bases)
    {
        var children = keys.Where(key => key.Key.Length > depth).GroupBy(key => key.Key[depth]).ToList();
        int? leaf = keys.Where(key => key.Key.Length == depth).Select(key => (int?)key.Place).SingleOrDefault();
        int[] labels = [.. children.Select(group => (int)group.Key), .. leaf is null ? (int[])[] : [0]];
        int start = Enumerable.Range(1, units.Length / 2).First(candidate => !bases.Contains(candidate) && labels.All(label => !used[candidate ^ label]));
        bases.Add(start);
        foreach (int label in labels)
            used[start ^ label] = true;
        units[node] |= (uint)(node ^ start) << 10 | (leaf is null ? 0u : 1u << 8);
        if (leaf is { } place)
            units[start] = 1u << 31 | (uint)place;
        foreach (var group in children)
        {
            units[start ^ group.Key] = group.Key;
            Place([.. group], depth + 1, start ^ group.Key, units, used, bases);
        }
    }
}
