using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

/// <summary>Options of an embedding generator over an encoder that is not part of a fitted model.</summary>
public sealed class EmbeddingGeneratorOptions
{
    /// <summary>What the generator calls its model, in its metadata and in every embedding.</summary>
    /// <value>Default <see langword="null"/>: the description of the encoder's source.</value>
    public string? ModelId { get; set; }

    /// <summary>How many numbers a vector has where a request does not say. With fewer than the encoder gives, the first ones are kept and brought to length one.</summary>
    /// <value>Default <see langword="null"/>: as many as the encoder gives.</value>
    public int? Dimensions { get; set; }

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

    /// <summary>The GPU to compute on.</summary>
    /// <value>Default <see langword="null"/>: that of the <c>MLContext</c>, else the CPU.</value>
    public int? GpuDeviceId { get; set; }

    /// <summary>Whether the CPU serves where the GPU cannot be used.</summary>
    /// <value>Default <see langword="null"/>: as the <c>MLContext</c> says.</value>
    public bool? FallbackToCpu { get; set; }

    /// <exception cref="ArgumentException">An option is out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Require(ModelId is null || !string.IsNullOrWhiteSpace(ModelId), nameof(ModelId), "empty", "null or a name");
        Require(Dimensions is null or >= 1, nameof(Dimensions), Dimensions, "null or at least 1");
        Require(Pooling is null || Enum.IsDefined(Pooling.Value), nameof(Pooling), Pooling, string.Join(", ", Enum.GetNames<PoolingMode>()));
        Require(MaxLength is null or >= 3, nameof(MaxLength), MaxLength, "null or at least 3");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Require(Prompt is not null, nameof(Prompt), null, $"a prompt, such as {nameof(EmbeddingPrompt)}.{nameof(EmbeddingPrompt.None)}");
        Require(Enum.IsDefined(Precision), nameof(Precision), Precision, string.Join(", ", Enum.GetNames<Precision>()));
    }

    internal TextEmbeddingOptions ForEncoder(EncoderSource encoder) => new()
    {
        Encoder = encoder,
        Pooling = Pooling,
        Normalize = Normalize,
        Prompt = Prompt,
        MaxLength = MaxLength,
        BatchSize = BatchSize,
        Precision = Precision,
        GpuDeviceId = GpuDeviceId,
        FallbackToCpu = FallbackToCpu,
    };

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(EmbeddingGeneratorOptions), option, found, expected, option);
}
