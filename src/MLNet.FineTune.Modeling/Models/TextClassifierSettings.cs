using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune.Models;

/// <summary>What a saved classifier records besides weights.</summary>
internal sealed record TextClassifierSettings
{
    /// <summary>The version written; larger ones are refused.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public int Format { get; init; } = CurrentFormat;
    public required int ClassCount { get; init; }
    public required PoolingMode? Pooling { get; init; }
    public required int MaxLength { get; init; }
    public required Truncation Truncation { get; init; }
    public required int BatchSize { get; init; }
    public required Precision Precision { get; init; }
    public required JsonObject Method { get; init; }

    /// <summary>Where the encoder is when it is not in the file.</summary>
    public JsonObject? Encoder { get; init; }

    /// <summary>Digest of the encoder's weights when they are not in the file; see <see cref="PretrainedEncoder.Sha256"/>.</summary>
    public string? EncoderSha256 { get; init; }

    /// <summary>The tokenizer's files, when the encoder is in the file.</summary>
    public IReadOnlyList<string> TokenizerFiles { get; init; } = [];

    [JsonIgnore]
    public PeftMethod PeftMethod => PeftMethods.FromJson(Method);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="InvalidDataException">The text is not what <see cref="Write"/> writes, or of a newer version.</exception>
    public static TextClassifierSettings Read(byte[] utf8, string location)
    {
        try
        {
            int format = JsonNode.Parse(utf8)?[nameof(Format)]?.GetValue<int>() ?? 0;
            if (format is < 1 or > CurrentFormat)
                throw new InvalidDataException($"{location}: the format version is {format}; this version of the library reads 1 to {CurrentFormat}. Update the MLNet.FineTune package.");
            TextClassifierSettings settings = JsonSerializer.Deserialize<TextClassifierSettings>(utf8, Json)!;
            return settings is { ClassCount: >= 1, MaxLength: >= 1, BatchSize: >= 1 } ? settings
                : throw new InvalidDataException($"{location}: class count, maximum length or batch size is below 1.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{location}: not the settings of a classifier: {e.Message}", e);
        }
    }
}
