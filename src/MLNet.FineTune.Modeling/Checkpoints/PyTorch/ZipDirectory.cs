using System.Buffers.Binary;
using System.Text;

namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>An entry of a zip archive; its range lies inside the file.</summary>
internal sealed record ZipEntry(string Name, bool Deflated, long DataOffset, long CompressedLength, long Length);

/// <summary>The central directory of a zip archive (PKWARE APPNOTE 6.3, with zip64), as far as <c>torch.save</c> uses it.</summary>
/// <remarks>
/// Own code, because stored entries are then read from the mapped file in place, from many threads, and because every
/// length can be held against the file's before it is believed. Checksums are not compared: PyTorch itself can write
/// archives without them, and never checks them.
/// </remarks>
internal sealed class ZipDirectory
{
    /// <summary>How many times the file's length its entries may take when inflated. PyTorch stores; weights hardly shrink.</summary>
    public const int MaxExpansion = 16;

    private const int EndLength = 22;
    private const int EntryLength = 46;
    private const int LocalLength = 30;
    private const uint In64 = uint.MaxValue;

    private readonly CheckpointBytes _bytes;
    private readonly string _location;
    private readonly Dictionary<string, ZipEntry> _entries = [];

    /// <exception cref="InvalidDataException">The archive is malformed or truncated, or uses what <c>torch.save</c> does not.</exception>
    public ZipDirectory(CheckpointBytes bytes, string location)
    {
        _bytes = bytes;
        _location = location;
        try
        {
            (long offset, long length) = FindDirectory();
            if (offset < 0 || length < 0 || length > Array.MaxLength || offset > bytes.Length - length)
                throw Invalid($"its directory is said to lie at byte {offset} with {length} bytes, beyond the file's {bytes.Length}");
            ReadEntries(bytes.ToArray(offset, (int)length));
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or DecoderFallbackException)
        {
            throw Invalid("a field of its directory reaches beyond the directory, or a name is not UTF-8");
        }
        CheckTotals();
    }

    public IReadOnlyDictionary<string, ZipEntry> Entries => _entries;

    private (long Offset, long Length) FindDirectory()
    {
        int tailLength = (int)Math.Min(_bytes.Length, EndLength + ushort.MaxValue);
        ReadOnlySpan<byte> tail = _bytes.ToArray(_bytes.Length - tailLength, tailLength);
        for (int at = tailLength - EndLength; at >= 0; at--)
        {
            ReadOnlySpan<byte> end = tail[at..];
            if (!end.StartsWith("PK\u0005\u0006"u8) || Read16(end, 20) != end.Length - EndLength)
                continue;
            long endOffset = _bytes.Length - tailLength + at;
            return FindDirectory64(endOffset) ?? (Read32(end, 16), Read32(end, 12));
        }
        throw Invalid("the directory that ends every zip archive is missing: the file is truncated, download or copy it again");
    }

    private (long Offset, long Length)? FindDirectory64(long endOffset)
    {
        const int LocatorLength = 20, Record64Length = 56;
        if (endOffset < LocatorLength)
            return null;
        ReadOnlySpan<byte> locator = _bytes.ToArray(endOffset - LocatorLength, LocatorLength);
        if (!locator.StartsWith("PK\u0006\u0007"u8))
            return null;
        long offset = (long)Read64(locator, 8);
        if (offset < 0 || offset > endOffset - Record64Length)
            throw Invalid($"its zip64 record is said to lie at byte {offset}, beyond the file's {_bytes.Length}");
        ReadOnlySpan<byte> record = _bytes.ToArray(offset, Record64Length);
        if (!record.StartsWith("PK\u0006\u0006"u8))
            throw Invalid($"there is no zip64 record at byte {offset}");
        return ((long)Read64(record, 48), (long)Read64(record, 40));
    }

    private void ReadEntries(ReadOnlySpan<byte> directory)
    {
        var utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);
        while (!directory.IsEmpty)
        {
            if (!directory.StartsWith("PK\u0001\u0002"u8))
                throw Invalid($"entry {_entries.Count} of its directory is damaged");
            int nameLength = Read16(directory, 28), extraLength = Read16(directory, 30), commentLength = Read16(directory, 32);
            string name = utf8.GetString(directory.Slice(EntryLength, nameLength));
            var entry = ReadEntry(directory, name, directory.Slice(EntryLength + nameLength, extraLength));
            if (!_entries.TryAdd(name, entry))
                throw Invalid($"entry '{name}' appears twice");
            directory = directory[(EntryLength + nameLength + extraLength + commentLength)..];
        }
    }

    private ZipEntry ReadEntry(ReadOnlySpan<byte> header, string name, ReadOnlySpan<byte> extra)
    {
        int flags = Read16(header, 8), method = Read16(header, 10);
        if ((flags & 1) != 0)
            throw Invalid($"entry '{name}' is encrypted");
        if (method is not (0 or 8))
            throw Invalid($"entry '{name}' is compressed by method {method}; expected 0 (stored) or 8 (deflate)");

        long compressed = Read32(header, 20), length = Read32(header, 24), local = Read32(header, 42);
        ReadOnlySpan<byte> wide = Extra64(extra);
        // Only the fields that did not fit are in the extra block, in this order.
        if (length == In64)
            Take64(ref wide, out length);
        if (compressed == In64)
            Take64(ref wide, out compressed);
        if (local == In64)
            Take64(ref wide, out local);

        if (local < 0 || local > _bytes.Length - LocalLength)
            throw Invalid($"entry '{name}' is said to begin at byte {local}, beyond the file's {_bytes.Length}");
        ReadOnlySpan<byte> localHeader = _bytes.ToArray(local, LocalLength);
        if (!localHeader.StartsWith("PK\u0003\u0004"u8))
            throw Invalid($"entry '{name}' has no header at byte {local}");
        long data = local + LocalLength + Read16(localHeader, 26) + Read16(localHeader, 28);
        if (compressed < 0 || length < 0 || data > _bytes.Length - compressed)
            throw Invalid($"entry '{name}' is said to take {compressed} bytes from byte {data} on; the file has {_bytes.Length}");
        if (method == 0 && compressed != length)
            throw Invalid($"entry '{name}' is stored in {compressed} bytes, but is said to have {length}");
        return new ZipEntry(name, method == 8, data, compressed, length);
    }

    private void CheckTotals()
    {
        // Overlapping entries would let a small file declare a large one.
        if (Sum(e => e.CompressedLength) > _bytes.Length)
            throw Invalid($"its entries overlap: together they are said to take more than the file's {_bytes.Length} bytes");
        if (Sum(e => e.Length) is var total && total > MaxExpansion * (Int128)_bytes.Length)
            throw Invalid($"its entries are said to take {total} bytes unpacked, more than {MaxExpansion} times the file's {_bytes.Length}");

        Int128 Sum(Func<ZipEntry, long> length) => _entries.Values.Aggregate((Int128)0, (sum, entry) => sum + length(entry));
    }

    private static ReadOnlySpan<byte> Extra64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int id = Read16(extra, 0), length = Read16(extra, 2);
            if (id == 1)
                return extra.Slice(4, length);
            extra = extra[(4 + length)..];
        }
        return [];
    }

    private static void Take64(ref ReadOnlySpan<byte> wide, out long value)
    {
        value = (long)Read64(wide, 0);
        wide = wide[8..];
    }

    private static int Read16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint Read32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong Read64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private InvalidDataException Invalid(string what) => new($"{_location}: the zip archive cannot be used: {what}.");
}
