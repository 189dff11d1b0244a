using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MLNet.FineTune.Runtime;
using TorchSharp;

namespace MLNet.FineTune.Checkpoints;

/// <summary>Writes safetensors files, laid out as the reference implementation does.</summary>
/// <remarks>
/// Tensors follow each other by descending <see cref="TensorDType"/>, then by name in byte order, and the header is
/// padded with blanks to a multiple of eight: so every tensor is aligned to its element size.
/// </remarks>
internal static class SafetensorsWriter
{
    private const int Alignment = 8;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private sealed record Entry(string Name, byte[] NameBytes, torch.Tensor Tensor, TensorDType DType, long Length);

    /// <summary>Writes a file atomically: it is complete, or unchanged.</summary>
    /// <inheritdoc cref="Write(Stream, IEnumerable{KeyValuePair{string, torch.Tensor}}, IReadOnlyDictionary{string, string}?)"/>
    public static void Write(string path, IEnumerable<KeyValuePair<string, torch.Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes tensors to a stream; one tensor at a time is made contiguous or brought to the CPU, the others stay where they are.</summary>
    /// <exception cref="ArgumentException">A name is used twice, reserved or not valid Unicode, or a type has no representation in the format.</exception>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, torch.Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        NativeBackend.EnsureLoaded();
        List<Entry> entries = Arrange(tensors);
        stream.Write(Header(entries, metadata));
        foreach (Entry entry in entries)
            WriteData(stream, entry.Tensor);
    }

    private static List<Entry> Arrange(IEnumerable<KeyValuePair<string, torch.Tensor>> tensors)
    {
        var entries = new List<Entry>();
        var names = new HashSet<string>();
        foreach ((string name, torch.Tensor tensor) in tensors)
        {
            if (name == SafetensorsHeader.MetadataKey)
                throw new ArgumentException($"A tensor cannot be named '{name}': the format keeps that name for metadata.", nameof(tensors));
            if (!names.Add(name))
                throw new ArgumentException($"Two tensors are named '{name}'.", nameof(tensors));
            TensorDType dtype = TensorDTypes.Find(tensor.dtype)
                ?? throw new ArgumentException($"Tensor '{name}' has type {tensor.dtype}, which safetensors cannot store; convert it first.", nameof(tensors));
            entries.Add(new Entry(name, Utf8(name), tensor, dtype, tensor.numel() * dtype.Size()));
        }
        entries.Sort(static (a, b) => a.DType != b.DType ? b.DType.CompareTo(a.DType) : a.NameBytes.AsSpan().SequenceCompareTo(b.NameBytes));
        return entries;
    }

    private static byte[] Header(List<Entry> entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(Utf8(key), Utf8(value));
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (Entry entry in entries)
            {
                json.WriteStartObject(entry.NameBytes);
                json.WriteString("dtype", entry.DType.Name());
                json.WriteStartArray("shape");
                for (int i = 0; i < entry.Tensor.Dimensions; i++)
                    json.WriteNumberValue(entry.Tensor.size(i));
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += entry.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        long length = buffer.Length - sizeof(ulong);
        if (length > SafetensorsHeader.MaxLength)
            throw new ArgumentException($"The header would take {length} bytes; the format allows {SafetensorsHeader.MaxLength}. Write fewer tensors a file, or less metadata.", nameof(entries));
        byte[] header = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        return header;
    }

    private static void WriteData(Stream stream, torch.Tensor tensor)
    {
        using (torch.no_grad())
        using (torch.NewDisposeScope())
        {
            // A tensor that is contiguous on the CPU is only aliased here, not copied.
            torch.Tensor plain = tensor.detach().cpu().contiguous();
            TensorMemory.ForEachChunk(plain, (_, chunk) => stream.Write(chunk));
        }
    }

    private static byte[] Utf8(string text)
    {
        try
        {
            return StrictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException($"The name or metadata '{text}' holds half of a surrogate pair, which a safetensors header cannot store.", e);
        }
    }
}
