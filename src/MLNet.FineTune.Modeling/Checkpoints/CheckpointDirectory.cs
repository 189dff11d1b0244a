using MLNet.FineTune.Checkpoints.PyTorch;

namespace MLNet.FineTune.Checkpoints;

/// <summary>Finds the weights in a model directory as Hugging Face lays it out.</summary>
internal static class CheckpointDirectory
{
    public const string Safetensors = "model.safetensors";
    public const string SafetensorsIndex = "model.safetensors.index.json";
    public const string PyTorch = "pytorch_model.bin";
    public const string PyTorchIndex = "pytorch_model.bin.index.json";

    // In the order of preference: safetensors cannot carry code and are read in place.
    private static readonly (string File, Func<string, ITensorSource> Open)[] Layouts =
    [
        (Safetensors, SafetensorsFile.Open),
        (SafetensorsIndex, path => ShardedTensorSource.Open(path, SafetensorsFile.Open)),
        (PyTorch, PyTorchFile.Open),
        (PyTorchIndex, path => ShardedTensorSource.Open(path, PyTorchFile.Open)),
    ];

    /// <summary>Opens the weights of a directory: one safetensors file, its shards, one PyTorch file, or its shards.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="FileNotFoundException">The directory holds no weights in a known layout.</exception>
    /// <exception cref="InvalidDataException">The weights are damaged or foreign.</exception>
    public static ITensorSource OpenWeights(string directory)
    {
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"There is no model directory '{directory}'.");
        foreach ((string file, Func<string, ITensorSource> open) in Layouts)
        {
            string path = Path.Combine(directory, file);
            if (File.Exists(path))
                return open(path);
        }
        throw new FileNotFoundException($"'{directory}' holds no weights: looked for {string.Join(", ", Layouts.Select(layout => layout.File))}; {Listing(directory)}.");
    }

    /// <summary>What a directory holds, for messages.</summary>
    public static string Listing(string directory)
    {
        const int Shown = 20;
        string[] names = [.. Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        return names.Length == 0 ? "it is empty" : $"there are {string.Join(", ", names.Take(Shown))}{(names.Length > Shown ? $" and {names.Length - Shown} more" : "")}";
    }
}
