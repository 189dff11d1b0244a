using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Models;

/// <summary>What a saved embedder records besides weights.</summary>
internal sealed record TextEmbedderSettings
{
    /// <summary>The version written; larger ones are refused.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public int Format { get; init; } = CurrentFormat;
    public required PoolingMode Pooling { get; init; }
    public required bool Normalize { get; init; }

    /// <summary>Longest text in tokens; what is longer is cut.</summary>
    public required int MaxLength { get; init; }

    public required int BatchSize { get; init; }
    public required Precision Precision { get; init; }

    /// <summary>Whether texts are lower-cased before they are tokenised.</summary>
    public required bool LowerCase { get; init; }

    /// <summary>Where the encoder is when it is not in the file.</summary>
    public JsonObject? Encoder { get; init; }

    /// <summary>Digest of the encoder when it is not in the file; see <see cref="PretrainedEncoder.Sha256"/>.</summary>
    public string? EncoderSha256 { get; init; }

    /// <summary>The tokenizer's files, when the encoder is in the file.</summary>
    public IReadOnlyList<string> TokenizerFiles { get; init; } = [];

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="InvalidDataException">The text is not what <see cref="Write"/> writes, or of a newer version.</exception>
    public static TextEmbedderSettings Read(byte[] utf8, string location)
    {
        try
        {
            JsonObject json = JsonFile.ParseObject(utf8, location);
            int format = json.Value<int?>(nameof(Format), location) ?? 0;
            if (format is < 1 or > CurrentFormat)
                throw new InvalidDataException($"{location}: the format version is {format}; this version of the library reads 1 to {CurrentFormat}. Update the MLNet.FineTune package.");
            TextEmbedderSettings settings = json.Deserialize<TextEmbedderSettings>(Json)!;
            if (settings is not { MaxLength: >= 1, BatchSize: >= 1 })
                throw new InvalidDataException($"{location}: maximum length ({settings.MaxLength}) or batch size ({settings.BatchSize}) is below 1.");
            if (settings.TokenizerFiles is null || settings.TokenizerFiles.Any(file => file is null))
                throw new InvalidDataException($"{location}: tokenizer files or one of their names is null.");
            return settings;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{location}: not the settings of a text embedder: {e.Message}", e);
        }
    }
}
