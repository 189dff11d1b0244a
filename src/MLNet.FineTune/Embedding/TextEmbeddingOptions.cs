using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

/// <summary>Options of the estimator that turns texts into vectors with a pretrained encoder.</summary>
public sealed class TextEmbeddingOptions
{
    /// <summary>The column of vectors that is added.</summary>
    /// <value>Default <c>Features</c>.</value>
    public string OutputColumnName { get; set; } = "Features";

    /// <summary>The column of texts.</summary>
    /// <value>Default <see langword="null"/>: a column of the output's name, which the output then hides.</value>
    public string? InputColumnName { get; set; }

    /// <summary>Where the pretrained encoder comes from.</summary>
    /// <value>Default <see cref="EncoderSource.Default"/>. An encoder from scratch cannot be used: its weights are random.</value>
    public EncoderSource Encoder { get; set; } = EncoderSource.Default;

    /// <summary>How the vectors of the tokens become the vector of the text.</summary>
    /// <value>Default <see langword="null"/>: as a sentence-transformers checkpoint says; <see cref="PoolingMode.Mean"/> for a plain encoder.</value>
    public PoolingMode? Pooling { get; set; }

    /// <summary>Whether each vector is divided by its Euclidean length.</summary>
    /// <value>Default <see langword="null"/>: as a sentence-transformers checkpoint says; not for a plain encoder.</value>
    public bool? Normalize { get; set; }

    /// <summary>What goes before every text: one of the prompts that a sentence-transformers checkpoint names, a text of your own, or nothing.</summary>
    /// <value>Default <see cref="EmbeddingPrompt.Default"/>: the checkpoint's default prompt, where it has one.</value>
    public EmbeddingPrompt Prompt { get; set; } = EmbeddingPrompt.Default;

    /// <summary>Longest text in tokens, special tokens and prompt included; what is longer is cut at its end.</summary>
    /// <value>Default <see langword="null"/>: what the checkpoint says.</value>
    public int? MaxLength { get; set; }

    /// <summary>Most texts that go through the encoder at once.</summary>
    /// <value>Default 64.</value>
    public int BatchSize { get; set; } = 64;

    /// <summary>The number format to compute in. The vectors are <see cref="float"/> in each.</summary>
    /// <value>Default <see cref="Precision.Auto"/>.</value>
    public Precision Precision { get; set; } = Precision.Auto;

    /// <summary>What goes into a saved file: the encoder, or, with <see cref="SavedWeights.AdapterOnly"/> (there is no adapter here), only a reference to its source and its SHA-256, which is checked when the file is loaded.</summary>
    /// <value>Default <see cref="SavedWeights.Embedded"/>.</value>
    public SavedWeights SavedWeights { get; set; } = SavedWeights.Embedded;

    /// <summary>The GPU to compute on.</summary>
    /// <value>Default <see langword="null"/>: that of the <see cref="MLContext"/>, else the CPU.</value>
    public int? GpuDeviceId { get; set; }

    /// <summary>Whether the CPU serves where the GPU cannot be used.</summary>
    /// <value>Default <see langword="null"/>: as the <see cref="MLContext"/> says.</value>
    public bool? FallbackToCpu { get; set; }

    internal EmbeddingColumns Columns => new(OutputColumnName, InputColumnName ?? OutputColumnName);

    /// <exception cref="ArgumentException">An option is missing or out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Columns.Check();
        Require(Encoder is not null, nameof(Encoder), null, $"a source, such as {nameof(EncoderSource)}.{nameof(EncoderSource.FromDirectory)}(\"models/minilm\")");
        Require(MaxLength is null or >= 3, nameof(MaxLength), MaxLength, "null or at least 3");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(Pooling is null || Enum.IsDefined(Pooling.Value), nameof(Pooling), Pooling, string.Join(", ", Enum.GetNames<PoolingMode>()));
        Require(Prompt is not null, nameof(Prompt), null, $"a prompt, such as {nameof(EmbeddingPrompt)}.{nameof(EmbeddingPrompt.None)}");
        Require(Enum.IsDefined(Precision), nameof(Precision), Precision, string.Join(", ", Enum.GetNames<Precision>()));
        Require(Enum.IsDefined(SavedWeights), nameof(SavedWeights), SavedWeights, string.Join(", ", Enum.GetNames<SavedWeights>()));
    }

    /// <summary>Opens the encoder on the device that these options or the context name.</summary>
    internal TextEmbedder OpenEncoder(IHostEnvironment environment)
    {
        var context = (IHostEnvironmentInternal)environment;
        return TextEmbedder.Create(
            Encoder, Precision, Hardware.SelectDevice(GpuDeviceId ?? context.GpuDeviceId, FallbackToCpu ?? context.FallbackToCpu), BatchSize, MaxLength, Pooling, Normalize, Prompt, SavedWeights);
    }

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(TextEmbeddingOptions), option, found, expected, option);
}
