using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>A pretrained encoder that turns texts into vectors of fixed size. Thread-safe.</summary>
internal sealed class TextEmbedder : ITextEmbedder
{
    private const string SettingsFile = "settings.json";

    private static string DenseFile(int layer) => FormattableString.Invariant($"dense_{layer}.safetensors");

    private readonly TaskModel _model;
    private readonly TextTokenizer _tokenizer;

    private TextEmbedder(TaskModel model, TextTokenizer tokenizer, TextEmbedderSettings settings)
    {
        (_model, _tokenizer, Settings) = (model, tokenizer, settings);
        model.eval();
        foreach (var parameter in model.parameters())
            parameter.requires_grad_(false);
    }

    public TextEmbedderSettings Settings { get; }

    public int Dimension => Head.Width;

    public bool IsNormalized => Settings.Normalize;

    /// <summary>Longest text in tokens; what is longer is cut.</summary>
    public int MaxLength => Settings.MaxLength;

    public int BatchSize => Settings.BatchSize;

    /// <summary>Opens a pretrained encoder.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="precision">The number format to compute in.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="batchSize">Texts that go through the encoder at once.</param>
    /// <param name="maxLength">Longest text in tokens; null for what the checkpoint says.</param>
    /// <param name="pooling">How token vectors become a text's; null for what the checkpoint says, the mean where it says nothing.</param>
    /// <param name="normalize">Whether vectors are brought to length one; null for what the checkpoint says.</param>
    /// <param name="prompt">What goes before texts; null for what the checkpoint says.</param>
    /// <param name="savedWeights">Whether <see cref="Save"/> writes the encoder, or a reference to it.</param>
    /// <exception cref="ArgumentException">The source has no trained weights, the maximum length is none the encoder takes with its prompt, the encoder has no such prompt, or its dense layers do not take vectors that are pooled so.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public static TextEmbedder Create(
        EncoderSource source,
        Precision precision,
        Device device,
        int batchSize = 64,
        int? maxLength = null,
        PoolingModes? pooling = null,
        bool? normalize = null,
        EmbeddingPrompt? prompt = null,
        SavedWeights savedWeights = SavedWeights.Embedded)
    {
        if (source is ScratchEncoderSource)
            throw new ArgumentException($"The {source.Description} has random weights, which say nothing about a text; embeddings need a pretrained encoder, such as one of {nameof(EncoderSource)}.{nameof(EncoderSource.FromDirectory)}.", nameof(source));
        NativeBackend.EnsureLoaded();
        using PretrainedEncoder encoder = source.Open([]);
        int length = maxLength ?? encoder.MaxLength;
        if (!IsLength(length, encoder))
            throw new ArgumentException($"{nameof(maxLength)} is {length}; expected {Lengths(encoder)}, what the encoder takes ({source.Description}).", nameof(maxLength));
        string? before = encoder.Prompts.Choose(prompt ?? EmbeddingPrompt.Default);
        int beforeLength = before is null ? 0 : PromptLength(before, encoder);
        if (beforeLength >= length)
            throw new ArgumentException($"{nameof(maxLength)} is {length}, which the prompt '{before}' fills with its {beforeLength} tokens, and leaves none for the text ({source.Description}).", nameof(maxLength));
        bool byReference = savedWeights == SavedWeights.AdapterOnly;
        return Build(encoder, device, new TextEmbedderSettings
        {
            Pooling = pooling ?? encoder.Pooling ?? PoolingMode.Mean,
            Normalize = normalize ?? encoder.Normalize,
            MaxLength = length,
            BatchSize = batchSize,
            Precision = precision,
            LowerCase = encoder.LowerCase,
            Prompt = before,
            SkippedTokens = encoder.PoolsPrompt ? 0 : beforeLength,
            Dense = byReference || encoder.Dense.Count == 0 ? null : [.. encoder.Dense.Select(module => module.Shape)],
            Encoder = byReference ? source.ToJson() : null,
            EncoderSha256 = byReference ? encoder.Sha256 : null,
        });
    }

    /// <inheritdoc/>
    public long Embed(IReadOnlyList<TextInput> inputs, Span<float> embeddings, Action? checkAlive = null)
    {
        if (Settings.Prompt is { } prompt)
            inputs = [.. inputs.Select(input => input with { Text = prompt + input.Text })];
        Encoding[] rows = inputs.Encode(_tokenizer, Settings.LowerCase, MaxLength, Truncation.LongestFirst);
        var texts = new TextBatches(rows, _model.Encoder.Config);
        texts.Score(_model, BatchSize, embeddings, checkAlive);
        return texts.TokenCount;
    }

    /// <inheritdoc/>
    public void Save(Action<string, Action<Stream>> write)
    {
        bool embedded = Settings.Encoder is null;
        byte[] settings = (Settings with { TokenizerFiles = embedded ? SavedEncoder.TokenizerFiles(_tokenizer) : [] }).Write();
        write(SettingsFile, stream => stream.Write(settings));
        if (!embedded)
            return;
        SavedEncoder.Write(write, _model, _tokenizer, name => !name.StartsWith("head.", StringComparison.Ordinal));
        for (int i = 0; i < Head.Layers.Count; i++)
            write(DenseFile(i), stream => DenseModule.Write(stream, Head.Layers[i]));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="open">Opens a file by name, or gives null where it is not there.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged, or the encoder referred to is gone or another.</exception>
    /// <exception cref="NotSupportedException">The model type or the tokenizer is none of those this version knows.</exception>
    public static TextEmbedder Load(Func<string, Stream?> open, Device device)
    {
        NativeBackend.EnsureLoaded();
        byte[] Bytes(string name)
        {
            using Stream stream = open(name) ?? throw new InvalidDataException($"The saved text embedder has no '{name}'.");
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }

        TextEmbedderSettings settings = TextEmbedderSettings.Read(Bytes(SettingsFile), SettingsFile);
        using PretrainedEncoder encoder = settings.Encoder is { } reference
            ? SavedEncoder.OpenReferenced(reference, settings.EncoderSha256, "text embedder")
            : SavedEncoder.Open(Bytes, settings.TokenizerFiles, [.. (settings.Dense ?? []).Select((shape, i) => (DenseFile(i), shape))]);
        if (!IsLength(settings.MaxLength, encoder))
            throw new InvalidDataException($"{SettingsFile}: '{nameof(settings.MaxLength)}' is {settings.MaxLength}; expected {Lengths(encoder)} for the encoder.");
        PretrainedEncoder.CheckWidths(encoder.Dense, settings.Pooling.Width(encoder.Config.HiddenSize));
        return Build(encoder, device, settings);
    }

    private static TextEmbedder Build(PretrainedEncoder encoder, Device device, TextEmbedderSettings settings)
    {
        ScalarType type = Hardware.ComputeType(settings.Precision, device);
        TaskModel model = encoder.CreateEmbedder(device, settings.Pooling, settings.Normalize, settings.SkippedTokens);
        model.Encoder.ComputeType = type;
        return new TextEmbedder(model, encoder.Tokenizer, settings);
    }

    private EmbeddingHead Head => (EmbeddingHead)_model.Head;

    /// <summary>How many tokens come before those of the text, as sentence-transformers counts them: the prompt's, without the space at its end, and the special ones at the start.</summary>
    private static int PromptLength(string prompt, PretrainedEncoder encoder) =>
        new[] { new TextInput(prompt.Trim()) }.Encode(encoder.Tokenizer, encoder.LowerCase, int.MaxValue, Truncation.LongestFirst)[0].Ids.Length - 1;

    private static bool IsLength(int length, PretrainedEncoder encoder) => length > encoder.Tokenizer.SpecialTokenCount(pair: false) && length <= encoder.Config.MaxLength;

    private static string Lengths(PretrainedEncoder encoder) => $"{encoder.Tokenizer.SpecialTokenCount(pair: false) + 1} to {encoder.Config.MaxLength}";

    public void Dispose() => _model.Dispose();
}
