using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;

namespace MLNet.FineTune.Persistence;

/// <summary>Length and SHA-256 of one named stream of a model.</summary>
internal sealed record StreamEntry(string Name, long Length, byte[] Sha256);

/// <summary>The named streams beside a model's <c>Model.key</c>, and the list of their checksums kept in it.</summary>
internal static class ModelStreams
{
    /// <summary>The stream ML.NET loads a model from.</summary>
    public const string Key = ModelLoadContext.ModelStreamName;

    private const int MaximumStreams = 10_000;

    /// <summary>Writes one stream, without a copy in memory, and gives its entry for the list.</summary>
    public static StreamEntry Write(ModelSaveContext ctx, string name, Action<Stream> write)
    {
        StreamEntry? entry = null;
        ctx.SaveBinaryStream(name, writer =>
        {
            var stream = new HashingStream(writer.BaseStream);
            write(stream);
            entry = new StreamEntry(name, stream.Length, stream.GetHash());
        });
        return entry!;
    }

    /// <summary>Opens a stream and verifies it. The model's repository closes it at the end of loading.</summary>
    /// <returns>The stream at its start; null when the list does not have the name.</returns>
    /// <exception cref="InvalidDataException">The stream is missing, or is not the one that was saved.</exception>
    public static Stream? Open(ModelLoadContext ctx, IReadOnlyDictionary<string, StreamEntry> entries, string name)
    {
        if (!entries.TryGetValue(name, out StreamEntry? entry))
            return null;
        Stream stream = ctx.Repository.OpenEntryOrNull(ctx.Directory, name)?.Stream
            ?? throw new InvalidDataException($"The model's stream '{name}' is missing from '{ctx.Directory}'. The file is incomplete; save or copy the model again.");
        if (stream.Length != entry.Length)
            throw new InvalidDataException($"The model's stream '{name}' has {stream.Length} bytes; {entry.Length} were saved. The file was altered or is damaged; save or copy the model again.");
        if (!SHA256.HashData(stream).AsSpan().SequenceEqual(entry.Sha256))
            throw new InvalidDataException($"The model's stream '{name}' has another SHA-256 than the one that was saved. The file was altered or is damaged; save or copy the model again.");
        stream.Position = 0;
        return stream;
    }

    public static void WriteList(BinaryWriter writer, IReadOnlyCollection<StreamEntry> entries)
    {
        writer.Write(entries.Count);
        foreach (StreamEntry entry in entries)
        {
            writer.Write(entry.Name);
            writer.Write(entry.Length);
            writer.Write(entry.Sha256);
        }
    }

    /// <exception cref="InvalidDataException">The list is none that <see cref="WriteList"/> writes.</exception>
    public static Dictionary<string, StreamEntry> ReadList(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count is < 0 or > MaximumStreams)
            throw new InvalidDataException($"{Key}: the list of streams has {count} entries; expected 0 to {MaximumStreams}.");
        var entries = new Dictionary<string, StreamEntry>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            var entry = new StreamEntry(reader.ReadString(), reader.ReadInt64(), reader.ReadBytes(SHA256.HashSizeInBytes));
            entries[entry.Name] = entry;
        }
        return entries;
    }

    /// <summary>Writes a block that <see cref="ReadBlock"/> verifies before anything in it is used.</summary>
    public static void WriteBlock(BinaryWriter writer, Action<BinaryWriter> write)
    {
        using var block = new MemoryStream();
        using (var inner = new BinaryWriter(block, Encoding.UTF8, leaveOpen: true))
            write(inner);
        writer.Write(block.Length);
        writer.Write(SHA256.HashData(block.GetBuffer().AsSpan(0, (int)block.Length)));
        writer.Write(block.GetBuffer(), 0, (int)block.Length);
    }

    /// <exception cref="InvalidDataException">The block was altered or is cut short.</exception>
    public static BinaryReader ReadBlock(BinaryReader reader)
    {
        Stream stream = reader.BaseStream;
        if (stream.Length - stream.Position < sizeof(long) + SHA256.HashSizeInBytes)
            throw new InvalidDataException($"{Key}: the stream ends before the description of the model.");
        long length = reader.ReadInt64();
        byte[] hash = reader.ReadBytes(SHA256.HashSizeInBytes);
        long rest = stream.Length - stream.Position;
        if (length < 0 || length > rest)
            throw new InvalidDataException($"{Key}: the description of the model is said to have {length} bytes, but {rest} follow. The file was altered or is damaged.");
        byte[] block = reader.ReadBytes((int)length);
        if (!SHA256.HashData(block).AsSpan().SequenceEqual(hash))
            throw new InvalidDataException($"{Key}: the description of the model has another SHA-256 than the one that was saved. The file was altered or is damaged; save or copy the model again.");
        return new BinaryReader(new MemoryStream(block, writable: false), Encoding.UTF8);
    }
}
