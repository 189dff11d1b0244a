using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Training;

/// <summary>Keeps the checkpoint as one safetensors file in a folder: tensors as tensors, texts as metadata.</summary>
internal sealed class FileCheckpointStore : ICheckpointStore
{
    private const string TrainingFile = "training-checkpoint.safetensors";

    private readonly string _directory;
    private readonly string _fileName;

    /// <param name="directory">The folder, which is made when it is absent.</param>
    /// <param name="fileName">The file in it.</param>
    /// <exception cref="IOException">The path is a file's; said now, not when the first checkpoint is due.</exception>
    public FileCheckpointStore(string directory, string fileName = TrainingFile)
    {
        if (File.Exists(directory))
            throw new IOException($"{nameof(TrainingOptions)}.{nameof(TrainingOptions.CheckpointDirectory)} is '{directory}', which is a file; expected a folder, which is made when it is absent.");
        (_directory, _fileName) = (directory, fileName);
        Location = Path.GetFullPath(Path.Combine(directory, fileName));
    }

    public string Location { get; }

    public void Save(StateBag contents)
    {
        Directory.CreateDirectory(_directory);
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
        if (Directory.Exists(_directory))
            File.Delete(Location);
    }

    /// <summary>A process killed while it saves leaves its temporary file behind.</summary>
    private void DeleteTemporaries()
    {
        if (Directory.Exists(_directory))
            foreach (string file in Directory.EnumerateFiles(_directory, $".{_fileName}.*"))
                File.Delete(file);
    }
}
