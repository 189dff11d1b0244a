using System.Text.Json;

namespace MLNet.FineTune.Checkpoints;

/// <summary>The JSON header of a safetensors file: names, types, shapes and places of the tensors, and free text metadata.</summary>
/// <remarks>Format: https://github.com/huggingface/safetensors#format. Everything it declares is checked here, before anything is allocated for it.</remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>The reference implementation refuses longer headers.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>The key that holds metadata instead of a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    private readonly string _location;
    private readonly Dictionary<string, TensorInfo> _tensors = [];
    private readonly Dictionary<string, string> _metadata = [];

    private SafetensorsHeader(string location) => _location = location;

    public IReadOnlyDictionary<string, TensorInfo> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Parses and validates a header.</summary>
    /// <param name="json">The header without its length.</param>
    /// <param name="dataLength">Bytes that follow the header.</param>
    /// <param name="location">The file, for messages.</param>
    /// <exception cref="InvalidDataException">The header is malformed, or does not describe the data that follows.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string location)
    {
        var header = new SafetensorsHeader(location);
        try
        {
            header.ReadTensors(new Utf8JsonReader(json));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Utf8JsonReader reports malformed UTF-8 and lone surrogates as InvalidOperationException.
            throw new InvalidDataException($"{location}: the safetensors header is not valid JSON: {e.Message}", e);
        }
        header.CheckPlaces(dataLength);
        return header;
    }

    private void ReadTensors(Utf8JsonReader reader)
    {
        reader.Read();
        Expect(reader.TokenType == JsonTokenType.StartObject, "the header is not a JSON object");
        bool metadataSeen = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == MetadataKey)
            {
                Expect(!metadataSeen, $"{MetadataKey} appears twice");
                metadataSeen = true;
                ReadMetadata(ref reader);
            }
            else if (!_tensors.TryAdd(name, ReadTensor(ref reader, name)))
            {
                throw Invalid($"tensor '{name}' appears twice");
            }
        }
        // Reading on finds whatever follows the object; blanks are padding.
        while (reader.Read())
        {
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, $"{MetadataKey} is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            Expect(reader.TokenType == JsonTokenType.String, $"{MetadataKey} '{key}' is not text");
            Expect(_metadata.TryAdd(key, reader.GetString()!), $"{MetadataKey} '{key}' appears twice");
        }
    }

    private TensorInfo ReadTensor(ref Utf8JsonReader reader, string name)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, $"tensor '{name}' is not described by an object");
        TensorDType? dtype = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            reader.Read();
            switch (field)
            {
                case "dtype":
                    Expect(dtype is null && reader.TokenType == JsonTokenType.String, $"tensor '{name}': dtype is not one text");
                    dtype = TensorDTypes.Find(reader.GetString())
                        ?? throw Invalid($"tensor '{name}' has dtype '{reader.GetString()}'; expected one of {TensorDTypes.Names}");
                    break;
                case "shape":
                    Expect(shape is null, $"tensor '{name}': shape appears twice");
                    shape = ReadNumbers(ref reader, name, field, TensorInfo.MaxRank);
                    break;
                case "data_offsets":
                    Expect(offsets is null, $"tensor '{name}': data_offsets appears twice");
                    offsets = ReadNumbers(ref reader, name, field, 2);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        if (dtype is null || shape is null || offsets is null)
            throw Invalid($"tensor '{name}' lacks {(dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets")}");
        if (offsets.Count != 2 || offsets[0] > offsets[1])
            throw Invalid($"tensor '{name}' has data_offsets {TensorInfo.Format(offsets)}; expected [begin, end] with begin ≤ end");

        long[] dimensions = [.. shape];
        long length = TensorInfo.ByteLength(dimensions, dtype.Value)
            ?? throw Invalid($"tensor '{name}' has shape {TensorInfo.Format(dimensions)}, whose size overflows");
        if (length != offsets[1] - offsets[0])
            throw Invalid($"tensor '{name}' has {offsets[1] - offsets[0]} bytes; its shape {TensorInfo.Format(dimensions)} of {dtype.Value.Name()} takes {length}");
        return new TensorInfo(name, dtype.Value, dimensions, offsets[0], length);
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, string field, int limit)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray, $"tensor '{name}': {field} is not an array");
        var numbers = new List<long>(capacity: 2);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(numbers.Count < limit, $"tensor '{name}': {field} has more than {limit} numbers");
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw Invalid($"tensor '{name}': {field} holds something other than integers from 0 to {long.MaxValue}");
            numbers.Add(number);
        }
        return numbers;
    }

    /// <summary>The tensors must tile the data: no overlap, no gap, nothing behind the last one.</summary>
    private void CheckPlaces(long dataLength)
    {
        long end = 0;
        foreach (TensorInfo tensor in _tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.Length))
        {
            if (tensor.Offset < end)
                throw Invalid($"tensor '{tensor.Name}' begins at {tensor.Offset}, inside the one before it, which ends at {end}");
            if (tensor.Offset > end)
                throw Invalid($"tensor '{tensor.Name}' begins at {tensor.Offset}; expected {end}, for {tensor.Offset - end} bytes would belong to no tensor");
            end = tensor.Offset + tensor.Length;
        }
        if (end > dataLength)
        {
            TensorInfo first = _tensors.Values.Where(t => t.Offset + t.Length > dataLength).MinBy(t => t.Offset)!;
            throw Invalid($"the file is truncated: its tensors take {end} bytes, {dataLength} are present, {end - dataLength} are missing (from tensor '{first.Name}' on); download or copy it again");
        }
        if (end < dataLength)
            throw Invalid($"{dataLength - end} bytes follow the last tensor; expected none");
    }

    private void Expect(bool condition, string otherwise)
    {
        if (!condition)
            throw Invalid(otherwise);
    }

    private InvalidDataException Invalid(string what) => new($"{_location}: {what}.");
}
