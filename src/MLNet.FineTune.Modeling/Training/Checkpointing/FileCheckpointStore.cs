using System.Text.Json;
using TorchSharp;

namespace MLNet.FineTune.Training;

/// <summary>Keeps the checkpoint as one file in a folder.</summary>
internal sealed class FileCheckpointStore(string directory) : ICheckpointStore
{
    private const string Magic = "MLNet.FineTune training checkpoint 1";

    private readonly string _temporary = Path.Combine(directory, "training-checkpoint.tmp");

    public string Location { get; } = Path.GetFullPath(Path.Combine(directory, "training-checkpoint.bin"));

    public void Save(StateBag contents)
    {
        Directory.CreateDirectory(directory);
        try
        {
            using (FileStream file = File.Create(_temporary))
            {
                using var writer = new BinaryWriter(file);
                writer.Write(Magic);
                writer.Write(JsonSerializer.Serialize(contents.Values));
                writer.Write(contents.Tensors.Count);
                foreach ((string name, torch.Tensor tensor) in contents.Tensors)
                {
                    writer.Write(name);
                    tensor.cpu().Save(writer);
                }
                writer.Flush();
                file.Flush(flushToDisk: true);
            }
            File.Move(_temporary, Location, overwrite: true);
        }
        finally
        {
            File.Delete(_temporary);
        }
    }

    public StateBag? Load()
    {
        // A process killed while it saved leaves its temporary file.
        if (Directory.Exists(directory))
            File.Delete(_temporary);
        if (!File.Exists(Location))
            return null;
        try
        {
            using var reader = new BinaryReader(File.OpenRead(Location));
            if (reader.ReadString() != Magic)
                throw new InvalidDataException($"'{Location}' is no training checkpoint.");
            var contents = new StateBag();
            foreach ((string name, string value) in JsonSerializer.Deserialize<Dictionary<string, string>>(reader.ReadString())!)
                contents.Values.Add(name, value);
            for (int remaining = reader.ReadInt32(); remaining > 0; remaining--)
                contents.Tensors.Add(reader.ReadString(), torch.Tensor.Load(reader));
            return contents;
        }
        catch (Exception e) when (e is EndOfStreamException or JsonException or FormatException)
        {
            throw new InvalidDataException($"The training checkpoint '{Location}' is corrupt; delete it, or set ResumeFromCheckpoint = false.", e);
        }
    }

    public void Delete()
    {
        if (Directory.Exists(directory))
        {
            File.Delete(Location);
            File.Delete(_temporary);
        }
    }
}
