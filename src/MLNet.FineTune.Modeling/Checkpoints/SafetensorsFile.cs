using System.Buffers.Binary;
using TorchSharp;

namespace MLNet.FineTune.Checkpoints;

/// <summary>A safetensors file, memory-mapped or in memory: 8 bytes with the header's length, the JSON header, the data.</summary>
internal sealed class SafetensorsFile : ITensorSource
{
    private const int PrefixLength = sizeof(ulong);

    private readonly CheckpointBytes _bytes;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(CheckpointBytes bytes, string location)
    {
        Location = location;
        _bytes = bytes;
        int headerLength = HeaderLength(bytes, location);
        _dataStart = PrefixLength + headerLength;
        _header = SafetensorsHeader.Parse(bytes.ToArray(PrefixLength, headerLength), bytes.Length - _dataStart, location);
    }

    public string Location { get; }

    public IReadOnlyDictionary<string, TensorInfo> Tensors => _header.Tensors;

    /// <summary>The free text under <c>__metadata__</c>; empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Maps and validates a file.</summary>
    /// <exception cref="InvalidDataException">The file is not a well-formed safetensors file.</exception>
    public static SafetensorsFile Open(string path) => Create(CheckpointBytes.Map(path), path);

    /// <summary>Validates bytes that are in memory, for instance a stream of a zip.</summary>
    /// <param name="bytes">The file's bytes; kept, not copied.</param>
    /// <param name="location">What messages call it.</param>
    /// <exception cref="InvalidDataException">The bytes are not a well-formed safetensors file.</exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> bytes, string location) => Create(CheckpointBytes.Wrap(bytes), location);

    public torch.Tensor Read(string name, torch.ScalarType? dtype = null)
    {
        TensorInfo info = Tensors.GetValueOrDefault(name) ?? throw new InvalidDataException($"{Location}: there is no tensor '{name}'.");
        return TensorMemory.Read(info, Location, dtype, (offset, chunk) => _bytes.CopyTo(_dataStart + info.Offset + offset, chunk));
    }

    public void Dispose() => _bytes.Dispose();

    private static SafetensorsFile Create(CheckpointBytes bytes, string location)
    {
        try
        {
            return new SafetensorsFile(bytes, location);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private static int HeaderLength(CheckpointBytes bytes, string location)
    {
        byte[] head = bytes.ToArray(0, (int)Math.Min(bytes.Length, ForeignFile.HeadLength));
        if (ForeignFile.Describe(head) is { } foreign)
            throw new InvalidDataException($"{location}: a safetensors file is expected, but {foreign}.");
        if (ForeignFile.IsZip(head))
            throw new InvalidDataException($"{location}: a safetensors file is expected, but it is a zip archive; if it holds PyTorch weights, name it pytorch_model.bin.");
        if (bytes.Length < PrefixLength)
            throw new InvalidDataException($"{location}: the file is truncated: it has {bytes.Length} bytes, and the header's length alone takes {PrefixLength}.");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length > SafetensorsHeader.MaxLength)
            throw new InvalidDataException($"{location}: the header's length is given as {length} bytes, above the format's limit of {SafetensorsHeader.MaxLength}; this is not a safetensors file, or its start is damaged.");
        if ((long)length > bytes.Length - PrefixLength)
            throw new InvalidDataException($"{location}: the file is truncated: the header takes {length} bytes, {bytes.Length - PrefixLength} are present, {(long)length - (bytes.Length - PrefixLength)} are missing; download or copy it again.");
        return (int)length;
    }
}
