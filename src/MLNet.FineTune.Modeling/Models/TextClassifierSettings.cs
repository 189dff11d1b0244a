using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Prompting;

namespace MLNet.FineTune.Models;

/// <summary>What a saved classifier records besides weights.</summary>
internal sealed record TextClassifierSettings
{
    /// <summary>The latest version; larger ones are refused.</summary>
    public const int CurrentFormat = 3;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The version written: the first that has all that is said.</summary>
    public int Format
    {
        get => Prompt is not null ? 3 : Normalize is null ? 1 : 2;
        init { }
    }

    public required int ClassCount { get; init; }
    public required PoolingMode? Pooling { get; init; }

    /// <summary>See <see cref="ClassifierLayout.Normalize"/>; since format 2.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Normalize { get; init; }

    /// <summary>The template and words of a classifier by prompt; since format 3.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SavedPrompt? Prompt { get; init; }

    public required int MaxLength { get; init; }
    public required Truncation Truncation { get; init; }
    public required int BatchSize { get; init; }
    public required Precision Precision { get; init; }

    /// <summary>Whether texts are lower-cased before they are tokenised.</summary>
    public bool LowerCase { get; init; }

    public required JsonObject Method { get; init; }

    /// <summary>Where the encoder is when it is not in the file.</summary>
    public JsonObject? Encoder { get; init; }

    /// <summary>Digest of the encoder when it is not in the file; see <see cref="PretrainedEncoder.Sha256"/>.</summary>
    public string? EncoderSha256 { get; init; }

    /// <summary>The tokenizer's files, when the encoder is in the file.</summary>
    public IReadOnlyList<string> TokenizerFiles { get; init; } = [];

    [JsonIgnore]
    public ClassifierLayout Layout => new(ClassCount, Pooling, Normalize);

    [JsonIgnore]
    public PeftMethod PeftMethod => PeftMethods.FromJson(Method);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="InvalidDataException">The text is not what <see cref="Write"/> writes, or of a newer version.</exception>
    public static TextClassifierSettings Read(byte[] utf8, string location)
    {
        try
        {
            JsonObject json = JsonFile.ParseObject(utf8, location);
            int format = json.Value<int?>(nameof(Format), location) ?? 0;
            if (format is < 1 or > CurrentFormat)
                throw new InvalidDataException($"{location}: the format version is {format}; this version of the library reads 1 to {CurrentFormat}. Update the MLNet.FineTune package.");
            TextClassifierSettings settings = json.Deserialize<TextClassifierSettings>(Json)!;
            if (settings is not { ClassCount: >= 1, MaxLength: >= 1, BatchSize: >= 1 })
                throw new InvalidDataException($"{location}: class count, maximum length or batch size is below 1.");
            if (settings.Method is null || settings.TokenizerFiles is null || settings.TokenizerFiles.Any(file => file is null))
                throw new InvalidDataException($"{location}: method, tokenizer files or one of their names is null.");
            return settings;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{location}: not the settings of a classifier: {e.Message}", e);
        }
    }
}
