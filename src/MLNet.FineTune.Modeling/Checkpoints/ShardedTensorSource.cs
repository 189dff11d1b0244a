using System.Text.Json.Nodes;
using TorchSharp;

namespace MLNet.FineTune.Checkpoints;

/// <summary>Weights spread over several files, with an index (<c>*.index.json</c>) that says which tensor lies where.</summary>
internal sealed class ShardedTensorSource : ITensorSource
{
    private readonly Dictionary<string, ITensorSource> _shards = [];
    private readonly Dictionary<string, ITensorSource> _places = [];
    private readonly Dictionary<string, TensorInfo> _tensors = [];

    private ShardedTensorSource(string location) => Location = location;

    public string Location { get; }

    public IReadOnlyDictionary<string, TensorInfo> Tensors => _tensors;

    /// <summary>Opens an index and every shard it names.</summary>
    /// <param name="indexPath">The index file.</param>
    /// <param name="openShard">Opens one shard.</param>
    /// <exception cref="InvalidDataException">The index is malformed, names a file outside its folder, or a tensor its shard lacks.</exception>
    /// <exception cref="FileNotFoundException">A shard is missing.</exception>
    public static ShardedTensorSource Open(string indexPath, Func<string, ITensorSource> openShard)
    {
        var source = new ShardedTensorSource(indexPath);
        try
        {
            foreach ((string tensor, string shard) in ReadMap(indexPath))
                source.Add(tensor, shard, openShard);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>The files that an index names, relative to it.</summary>
    /// <exception cref="InvalidDataException">The index is malformed.</exception>
    public static IReadOnlyCollection<string> Files(string indexPath) => [.. ReadMap(indexPath).Select(pair => pair.Value).Distinct()];

    public torch.Tensor Read(string name, torch.ScalarType? dtype = null) =>
        _places.TryGetValue(name, out ITensorSource? shard) ? shard.Read(name, dtype) : throw new InvalidDataException($"{Location}: there is no tensor '{name}'.");

    public void Dispose()
    {
        foreach (ITensorSource shard in _shards.Values)
            shard.Dispose();
    }

    private static List<KeyValuePair<string, string>> ReadMap(string indexPath)
    {
        if (JsonFile.ReadObject(indexPath)["weight_map"] is not JsonObject map)
            throw new InvalidDataException($"{indexPath}: there is no object 'weight_map'.");
        return [.. map.Select(pair => KeyValuePair.Create(pair.Key, map.Value<string>(pair.Key, indexPath)
            ?? throw new InvalidDataException($"{indexPath}: tensor '{pair.Key}' has no file.")))];
    }

    private void Add(string tensor, string shardName, Func<string, ITensorSource> openShard)
    {
        string path = FolderPath.Combine(Path.GetDirectoryName(Location)!, shardName, Location);
        if (!_shards.TryGetValue(shardName, out ITensorSource? shard))
        {
            if (!File.Exists(path))
                throw new FileNotFoundException($"{Location}: the shard '{shardName}' is not beside the index; download it too.", path);
            _shards.Add(shardName, shard = openShard(path));
        }
        if (!shard.Tensors.TryGetValue(tensor, out TensorInfo? info))
            throw new InvalidDataException($"{Location}: tensor '{tensor}' is said to lie in '{shardName}', which does not have it.");
        _tensors.Add(tensor, info);
        _places.Add(tensor, shard);
    }
}
