using TorchSharp;

namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>Weights saved by <c>torch.save</c> (<c>pytorch_model.bin</c>): a zip archive with a pickle and raw storages, or, before PyTorch 1.6, a <see cref="LegacyArchive"/>.</summary>
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
        (object? root, IReadOnlyDictionary<string, ZipEntry> storages, string folder) = IsLegacy() ? ReadLegacy() : ReadZip();
        foreach ((string name, PickleTensor tensor) in StateDict.Find(root, location))
        {
            if (!storages.TryGetValue(folder + tensor.Storage.Key, out ZipEntry? entry))
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

    private (object? Root, IReadOnlyDictionary<string, ZipEntry> Storages, string Folder) ReadLegacy()
    {
        var archive = new LegacyArchive(_bytes, Location);
        return (archive.Root, archive.Storages, "");
    }

    private (object? Root, IReadOnlyDictionary<string, ZipEntry> Storages, string Folder) ReadZip()
    {
        var zip = new ZipDirectory(_bytes, Location);
        string folder = FindFolder(zip);
        CheckByteOrder(zip, folder);
        return (PickleReader.Read(ZipEntryStream.ReadAll(_bytes, zip.Entries[folder + Pickle], Location), Location), zip.Entries, folder + "data/");
    }

    /// <summary>Whether the file is of the format before PyTorch 1.6; throws where it is of neither.</summary>
    private bool IsLegacy()
    {
        byte[] head = _bytes.ToArray(0, (int)Math.Min(_bytes.Length, ForeignFile.HeadLength));
        if (ForeignFile.Describe(head) is { } foreign)
            throw new InvalidDataException($"{Location}: PyTorch weights are expected, but {foreign}.");
        if (ForeignFile.IsZip(head))
            return false;
        if (LegacyArchive.Recognises(head))
            return true;
        throw new InvalidDataException(head[0] == 0x80
            ? $"{Location}: it is a pickle that torch.save did not write; load it in Python and save its state dict, best as safetensors."
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
