using System.Text.Json.Serialization;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Heads;

namespace MLNet.FineTune.Models;

/// <summary>What a saved embedder records besides weights.</summary>
internal sealed record TextEmbedderSettings : SavedSettings
{
    /// <summary>The latest version; larger ones are refused.</summary>
    public const int CurrentFormat = 2;

    /// <summary>The version written: the first that has all that is said.</summary>
    public int Format
    {
        get => Pooling is { InFirstFormat: false } || Prompt is not null || Dense is not null ? 2 : 1;
        init { }
    }

    /// <summary>How tokens become a text's vector; several ways at once, and others than the first token, mean and maximum, since format 2.</summary>
    public required PoolingModes Pooling { get; init; }
    public required bool Normalize { get; init; }

    /// <summary>Whether texts are lower-cased before they are tokenised.</summary>
    public required bool LowerCase { get; init; }

    /// <summary>What goes before every text; null for nothing; since format 2.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Prompt { get; init; }

    /// <summary>How many tokens of the prompt, and before it, are not pooled; since format 2.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SkippedTokens { get; init; }

    /// <summary>The dense layers whose weights are in the file; null for none, and where the encoder is not in the file; since format 2.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DenseShape>? Dense { get; init; }

    /// <inheritdoc cref="SavedSettings.Read{T}"/>
    public static TextEmbedderSettings Read(byte[] utf8, string location)
    {
        TextEmbedderSettings settings = Read<TextEmbedderSettings>(utf8, CurrentFormat, "a text embedder", location);
        if (settings.Pooling is null)
            throw new InvalidDataException($"{location}: the pooling is null.");
        if (settings.SkippedTokens < 0 || settings.SkippedTokens >= settings.MaxLength)
            throw new InvalidDataException($"{location}: '{nameof(SkippedTokens)}' is {settings.SkippedTokens}; expected 0 to {settings.MaxLength - 1}.");
        return settings.Dense is null || settings.Dense.All(shape => shape is { Inputs: >= 1, Outputs: >= 1 }) ? settings
            : throw new InvalidDataException($"{location}: a dense layer has no inputs or outputs.");
    }
}
