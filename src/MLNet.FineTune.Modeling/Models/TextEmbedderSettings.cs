namespace MLNet.FineTune.Models;

/// <summary>What a saved embedder records besides weights.</summary>
internal sealed record TextEmbedderSettings : SavedSettings
{
    /// <summary>The version written; larger ones are refused.</summary>
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;
    public required PoolingMode Pooling { get; init; }
    public required bool Normalize { get; init; }

    /// <summary>Whether texts are lower-cased before they are tokenised.</summary>
    public required bool LowerCase { get; init; }

    /// <inheritdoc cref="SavedSettings.Read{T}"/>
    public static TextEmbedderSettings Read(byte[] utf8, string location) => Read<TextEmbedderSettings>(utf8, CurrentFormat, "a text embedder", location);
}
