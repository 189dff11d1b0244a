using TorchSharp;

namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>Weights saved by <c>torch.save</c> since PyTorch 1.6 (<c>pytorch_model.bin</c>): a zip archive with a pickle and raw storages.</summary>
/// <remarks>The pickle is read as data by <see cref="PickleReader"/>; no code of the file runs.</remarks>
internal sealed class PyTorchFile : ITensorSource
{
    private const string Pickle = "data.pkl";

    private readonly CheckpointBytes _bytes;
    private readonly Dictionary<string, TensorInfo> _tensors = [];
    private readonly Dictionary<string, StridedTensor> _places = [];

    private PyTorchFile(CheckpointBytes bytes, string location)
    {
        Location = location;
        _bytes = bytes;
        CheckHead();
        var zip = new ZipDirectory(bytes, location);
        string folder = FindFolder(zip);
        CheckByteOrder(zip, folder);
        byte[] pickle = ZipEntryStream.ReadAll(bytes, zip.Entries[folder + Pickle], location);
        foreach ((string name, PickleTensor tensor) in StateDict.Find(PickleReader.Read(pickle, location), location))
        {
            if (!zip.Entries.TryGetValue($"{folder}data/{tensor.Storage.Key}", out ZipEntry? entry))
                throw new InvalidDataException($"{location}: tensor '{name}' lies in entry 'data/{tensor.Storage.Key}', which the archive lacks.");
            StridedTensor place = StridedTensor.Create(name, tensor, entry, bytes.Length, location);
            if (!_tensors.TryAdd(name, place.Info))
                throw new InvalidDataException($"{location}: tensor '{name}' appears twice.");
            _places.Add(name, place);
        }
    }

    public string Location { get; }

    public IReadOnlyDictionary<string, TensorInfo> Tensors => _tensors;

    /// <summary>Maps and validates a file.</summary>
    /// <exception cref="InvalidDataException">The file is not such an archive, is damaged, or its pickle wants more than weights need.</exception>
    public static PyTorchFile Open(string path) => Create(CheckpointBytes.Map(path), path);

    /// <inheritdoc cref="Open"/>
    /// <param name="bytes">The file's bytes; kept, not copied.</param>
    /// <param name="location">What messages call it.</param>
    public static PyTorchFile Parse(ReadOnlyMemory<byte> bytes, string location) => Create(CheckpointBytes.Wrap(bytes), location);

    public torch.Tensor Read(string name, torch.ScalarType? dtype = null) =>
        _places.TryGetValue(name, out StridedTensor? place)
            ? place.Read(_bytes, Location, dtype)
            : throw new InvalidDataException($"{Location}: there is no tensor '{name}'.");

    public void Dispose() => _bytes.Dispose();

    private static PyTorchFile Create(CheckpointBytes bytes, string location)
    {
        try
        {
            return new PyTorchFile(bytes, location);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private void CheckHead()
    {
        byte[] head = _bytes.ToArray(0, (int)Math.Min(_bytes.Length, ForeignFile.HeadLength));
        if (ForeignFile.Describe(head) is { } foreign)
            throw new InvalidDataException($"{Location}: PyTorch weights are expected, but {foreign}.");
        if (ForeignFile.IsZip(head))
            return;
        throw new InvalidDataException(head[0] == 0x80
            ? $"{Location}: it is a bare pickle, PyTorch's format from before version 1.6, which is not read; load it in Python and save it again, best as safetensors."
            : $"{Location}: PyTorch weights are expected, but this is not a zip archive; the file is damaged or of another kind.");
    }

    /// <summary>The folder in the archive, with its slash; its name is the file's when it was saved, so any.</summary>
    private string FindFolder(ZipDirectory zip)
    {
        string[] pickles = [.. zip.Entries.Keys.Where(name => name == Pickle || name.EndsWith('/' + Pickle, StringComparison.Ordinal))];
        if (pickles.Length != 1)
            throw new InvalidDataException($"{Location}: the archive has {pickles.Length} entries named {Pickle}; expected one.");
        return pickles[0][..^Pickle.Length];
    }

    private void CheckByteOrder(ZipDirectory zip, string folder)
    {
        if (!zip.Entries.TryGetValue(folder + "byteorder", out ZipEntry? entry))
            return;
        if (entry.Length > 16 || !ZipEntryStream.ReadAll(_bytes, entry, Location).AsSpan().SequenceEqual("little"u8))
            throw new InvalidDataException($"{Location}: the archive's byte order is not little-endian; save it again on a little-endian machine.");
    }
}
