using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Models;

/// <summary>What saved classifiers and embedders both record besides weights.</summary>
internal abstract record SavedSettings
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Longest text in tokens.</summary>
    public required int MaxLength { get; init; }

    public required int BatchSize { get; init; }
    public required Precision Precision { get; init; }

    /// <summary>Where the encoder is when it is not in the file.</summary>
    public JsonObject? Encoder { get; init; }

    /// <summary>Digest of the encoder when it is not in the file; see <see cref="PretrainedEncoder.Sha256"/>.</summary>
    public string? EncoderSha256 { get; init; }

    /// <summary>The tokenizer's files, when the encoder is in the file.</summary>
    public IReadOnlyList<string> TokenizerFiles { get; init; } = [];

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, GetType(), Json);

    /// <param name="utf8">The text.</param>
    /// <param name="latest">The latest format version that is known.</param>
    /// <param name="what">What the settings are of, for the message.</param>
    /// <param name="location">Where the text is.</param>
    /// <exception cref="InvalidDataException">The text is not what <see cref="Write"/> writes, or of a newer version.</exception>
    protected static T Read<T>(byte[] utf8, int latest, string what, string location) where T : SavedSettings
    {
        try
        {
            JsonObject json = JsonFile.ParseObject(utf8, location);
            int format = json.Value<int?>("Format", location) ?? 0;
            if (format < 1 || format > latest)
                throw new InvalidDataException($"{location}: the format version is {format}; this version of the library reads 1 to {latest}. Update the MLNet.FineTune package.");
            var settings = json.Deserialize<T>(Json)!;
            if (settings is not { MaxLength: >= 1, BatchSize: >= 1 })
                throw new InvalidDataException($"{location}: maximum length ({settings.MaxLength}) or batch size ({settings.BatchSize}) is below 1.");
            if (settings.TokenizerFiles is null || settings.TokenizerFiles.Any(file => file is null))
                throw new InvalidDataException($"{location}: tokenizer files or one of their names is null.");
            return settings;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{location}: not the settings of {what}: {e.Message}", e);
        }
    }
}
