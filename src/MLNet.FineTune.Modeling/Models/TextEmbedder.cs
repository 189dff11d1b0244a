using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>A pretrained encoder that turns texts into vectors of fixed size. Thread-safe.</summary>
internal sealed class TextEmbedder : ITextEmbedder
{
    private const string SettingsFile = "settings.json";

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

    public int Dimension => _model.Encoder.Config.HiddenSize;

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
    /// <param name="savedWeights">Whether <see cref="Save"/> writes the encoder, or a reference to it.</param>
    /// <exception cref="ArgumentException">The source has no trained weights, or the maximum length is none the encoder takes.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public static TextEmbedder Create(
        EncoderSource source,
        Precision precision,
        Device device,
        int batchSize = 64,
        int? maxLength = null,
        PoolingMode? pooling = null,
        bool? normalize = null,
        SavedWeights savedWeights = SavedWeights.Embedded)
    {
        if (source is ScratchEncoderSource)
            throw new ArgumentException($"The {source.Description} has random weights, which say nothing about a text; embeddings need a pretrained encoder, such as one of {nameof(EncoderSource)}.{nameof(EncoderSource.FromDirectory)}.", nameof(source));
        NativeBackend.EnsureLoaded();
        using PretrainedEncoder encoder = source.Open([]);
        int length = maxLength ?? encoder.MaxLength;
        if (!IsLength(length, encoder))
            throw new ArgumentException($"{nameof(maxLength)} is {length}; expected {Lengths(encoder)}, what the encoder takes ({source.Description}).", nameof(maxLength));
        bool byReference = savedWeights == SavedWeights.AdapterOnly;
        return Build(encoder, device, new TextEmbedderSettings
        {
            Pooling = pooling ?? encoder.Pooling ?? PoolingMode.Mean,
            Normalize = normalize ?? encoder.Normalize,
            MaxLength = length,
            BatchSize = batchSize,
            Precision = precision,
            LowerCase = encoder.LowerCase,
            Encoder = byReference ? source.ToJson() : null,
            EncoderSha256 = byReference ? encoder.Sha256 : null,
        });
    }

    /// <inheritdoc/>
    public long Embed(IReadOnlyList<TextInput> inputs, Span<float> embeddings, Action? checkAlive = null)
    {
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
        if (embedded)
            SavedEncoder.Write(write, _model, _tokenizer);
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
            : SavedEncoder.Open(Bytes, settings.TokenizerFiles);
        if (!IsLength(settings.MaxLength, encoder))
            throw new InvalidDataException($"{SettingsFile}: '{nameof(settings.MaxLength)}' is {settings.MaxLength}; expected {Lengths(encoder)} for the encoder.");
        return Build(encoder, device, settings);
    }

    private static TextEmbedder Build(PretrainedEncoder encoder, Device device, TextEmbedderSettings settings)
    {
        ScalarType type = Hardware.ComputeType(settings.Precision, device);
        TaskModel model = encoder.CreateEmbedder(device, settings.Pooling, settings.Normalize);
        model.Encoder.ComputeType = type;
        return new TextEmbedder(model, encoder.Tokenizer, settings);
    }

    private static bool IsLength(int length, PretrainedEncoder encoder) => length > encoder.Tokenizer.SpecialTokenCount(pair: false) && length <= encoder.Config.MaxLength;

    private static string Lengths(PretrainedEncoder encoder) => $"{encoder.Tokenizer.SpecialTokenCount(pair: false) + 1} to {encoder.Config.MaxLength}";

    public void Dispose() => _model.Dispose();
}
