using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Training;

/// <summary>Keeps the checkpoint as one safetensors file in a folder: tensors as tensors, texts as metadata.</summary>
internal sealed class FileCheckpointStore(string directory) : ICheckpointStore
{
    private const string FileName = "training-checkpoint.safetensors";

    public string Location { get; } = Path.GetFullPath(Path.Combine(directory, FileName));

    public void Save(StateBag contents)
    {
        Directory.CreateDirectory(directory);
        SafetensorsWriter.Write(Location, contents.Tensors, contents.Values);
    }

    public StateBag? Load()
    {
        DeleteTemporaries();
        if (!File.Exists(Location))
            return null;
        using SafetensorsFile file = SafetensorsFile.Open(Location);
        var contents = new StateBag();
        foreach (string name in file.Tensors.Keys)
            contents.Tensors.Add(name, file.Read(name));
        foreach ((string name, string value) in file.Metadata)
            contents.Values.Add(name, value);
        return contents;
    }

    public void Delete()
    {
        DeleteTemporaries();
        if (Directory.Exists(directory))
            File.Delete(Location);
    }

    /// <summary>A process killed while it saves leaves its temporary file behind.</summary>
    private void DeleteTemporaries()
    {
        if (Directory.Exists(directory))
            foreach (string file in Directory.EnumerateFiles(directory, $".{FileName}.*"))
                File.Delete(file);
    }
}
