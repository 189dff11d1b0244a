using System.Buffers.Binary;

namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>What <c>torch.save</c> wrote before PyTorch 1.6: pickles of a magic number, the format's version, the machine, the object and the keys of its storages, then the storages.</summary>
/// <remarks>Format: PyTorch's <c>torch/serialization.py</c>, <c>_legacy_save</c>. A storage is the number of its elements, 64 bits, and the elements.</remarks>
internal sealed class LegacyArchive
{
    /// <summary>Far above what the state dict of a model takes; more is not read in search of the storages.</summary>
    private const int MaxPickles = 16 << 20;

    private const long Version = 1001;

    private readonly string _location;
    private readonly Dictionary<string, ZipEntry> _storages = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The file is malformed or truncated.</exception>
    public LegacyArchive(CheckpointBytes bytes, string location)
    {
        _location = location;
        ReadOnlySpan<byte> head = bytes.ToArray(0, (int)Math.Min(bytes.Length, MaxPickles));
        int at = Magic.Length;
        if (Next(head, ref at) is not Version)
            throw Invalid($"the version of its format is another than {Version}");
        if (Next(head, ref at) is not PickleDict machine || machine["little_endian"] is not true)
            throw Invalid("its byte order is not little-endian; save it again on a little-endian machine");
        var declared = new Dictionary<string, PickleStorage>(StringComparer.Ordinal);
        Root = Next(head, ref at, declared);
        if (Next(head, ref at) is not List<object?> keys)
            throw Invalid("there is no list of its storages");
        Place(bytes, keys, declared, at);
    }

    /// <summary>How such a file begins: the pickle of a number of 80 bits.</summary>
    private static ReadOnlySpan<byte> Magic => [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    /// <summary>The object that was saved.</summary>
    public object? Root { get; }

    /// <summary>Where the storages lie, by their keys.</summary>
    public IReadOnlyDictionary<string, ZipEntry> Storages => _storages;

    /// <summary>Whether a file with these first bytes is one.</summary>
    public static bool Recognises(ReadOnlySpan<byte> head) => head.StartsWith(Magic);

    private object? Next(ReadOnlySpan<byte> head, ref int at, Dictionary<string, PickleStorage>? storages = null)
    {
        object? value = PickleReader.Read(head[at..], _location, out int length, storages);
        at += length;
        return value;
    }

    private void Place(CheckpointBytes bytes, List<object?> keys, Dictionary<string, PickleStorage> declared, long at)
    {
        foreach (object? item in keys)
        {
            if (item is not string key || !declared.TryGetValue(key, out PickleStorage? storage))
                throw Invalid($"it lists the storage '{item}', which no tensor is in");
            if (at > bytes.Length - sizeof(long))
                throw Truncated(key);
            long count = BinaryPrimitives.ReadInt64LittleEndian(bytes.ToArray(at, sizeof(long)));
            at += sizeof(long);
            if (count != storage.Count)
                throw Invalid($"storage '{key}' has {count} elements; {storage.Count} were announced");
            Int128 length = (Int128)count * storage.DType.Size();
            if (length > bytes.Length - at)
                throw Truncated(key);
            if (!_storages.TryAdd(key, new ZipEntry($"storage {key}", Deflated: false, at, (long)length, (long)length)))
                throw Invalid($"it lists the storage '{key}' twice");
            at += (long)length;
        }
        if (at != bytes.Length)
            throw Invalid($"{bytes.Length - at} bytes follow the last storage; expected none");
    }

    private InvalidDataException Truncated(string key) => Invalid($"the file is truncated in storage '{key}'; download or copy it again");

    private InvalidDataException Invalid(string what) => new($"{_location}: the PyTorch file cannot be used: {what}.");
}
