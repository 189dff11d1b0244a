using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>An encoder before it is put on a device: configuration, tokenizer, and weights to copy, or none for fresh ones.</summary>
internal sealed class PretrainedEncoder(EncoderFamily family, EncoderConfig config, TextTokenizer tokenizer, ITensorSource? weights) : IDisposable
{
    private string? _sha256;

    public EncoderConfig Config { get; } = config;

    public TextTokenizer Tokenizer { get; } = tokenizer;

    /// <summary>How a sentence-transformers checkpoint pools tokens; null for a plain encoder.</summary>
    public PoolingMode? Pooling { get; init; }

    /// <summary>Whether text embeddings are brought to length one, as a sentence-transformers checkpoint may ask.</summary>
    public bool Normalize { get; init; }

    /// <summary>Whether texts are lower-cased before they are tokenised, as a sentence-transformers checkpoint may ask.</summary>
    public bool LowerCase { get; init; }

    /// <summary>Longest input in tokens that checkpoint and tokenizer allow.</summary>
    public int MaxLength { get; init; } = LongestInput(config, tokenizer);

    /// <summary>What a training begins from, as part of its identity: <see cref="Sha256"/>, or that of the encoder whose weights <see cref="Initialize"/> takes.</summary>
    public string Origin => Sha256 ?? InitializedFrom ?? "fresh";

    /// <summary>The digest of the encoder that <see cref="Initialize"/> takes weights from; null where it takes none.</summary>
    public string? InitializedFrom { get; init; }

    /// <summary>Sets some of the fresh weights of an encoder without checkpoint.</summary>
    public Action<TaskModel>? Initialize { get; init; }

    /// <summary>Whether the weights come from a checkpoint.</summary>
    public bool HasWeights => weights is not null;

    /// <summary>Whether the checkpoint has the head that predicts hidden tokens.</summary>
    public bool HasMaskedHead => weights?.Tensors.ContainsKey(family.MaskedHead.Dense + ".weight") ?? false;

    /// <summary>SHA-256 over all that decides the outputs: names, types, shapes and bytes of the weights, configuration, tokenizer; lower-case hexadecimal, null for fresh weights.</summary>
    public string? Sha256 => weights is null ? null : _sha256 ??= Digest(weights);

    /// <summary>Reads a checkpoint directory in Hugging Face's or sentence-transformers' layout.</summary>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or tokenizer and weights do not belong together.</exception>
    /// <exception cref="NotSupportedException">The model type or the tokenizer is not supported.</exception>
    public static PretrainedEncoder FromDirectory(string directory)
    {
        SentenceTransformerModules? modules = SentenceTransformerModules.Read(directory);
        string transformer = modules?.TransformerPath ?? directory;
        (EncoderFamily family, EncoderConfig config) = EncoderFamily.Read(ModelCheckpoint.ReadConfig(transformer), Path.Combine(transformer, "config.json"));
        TextTokenizer tokenizer = TextTokenizer.Load(transformer);
        CheckVocabulary(tokenizer, config, transformer);
        int longest = LongestInput(config, tokenizer);
        return new PretrainedEncoder(family, config, tokenizer, CheckpointDirectory.OpenWeights(transformer))
        {
            Pooling = modules?.Pooling,
            Normalize = modules?.Normalize ?? false,
            LowerCase = modules?.LowerCase ?? false,
            MaxLength = Math.Min(modules?.MaxSequenceLength ?? longest, longest),
        };
    }

    /// <summary>The same configuration and tokenizer with fresh weights.</summary>
    public PretrainedEncoder WithoutWeights() => new(family, Config, Tokenizer, weights: null) { Pooling = Pooling, Normalize = Normalize, LowerCase = LowerCase, MaxLength = MaxLength };

    /// <exception cref="InvalidDataException">The tokenizer has more tokens than the embeddings have rows.</exception>
    public static void CheckVocabulary(TextTokenizer tokenizer, EncoderConfig config, string location)
    {
        if (tokenizer.VocabularySize > config.VocabularySize)
            throw new InvalidDataException($"{location}: the tokenizer has {tokenizer.VocabularySize} tokens, config.json says 'vocab_size' {config.VocabularySize}; they are of different models.");
    }

    /// <summary>Builds the encoder with a classification head.</summary>
    /// <param name="layout">The head.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="head">Whether the head's weights are in the checkpoint.</param>
    /// <exception cref="InvalidDataException">The checkpoint's tensors are not those that the configuration asks for.</exception>
    public TaskModel CreateClassifier(ClassifierLayout layout, Device device, HeadWeights head = HeadWeights.Fresh)
    {
        EncoderConfig placed = Config with { Device = device };
        if (weights is not null)
            return ModelCheckpoint.Create(placed, weights, head, sized => Build(sized, layout));
        TaskModel model = Build(placed, layout);
        Initialization.Normal(model.Encoder, Config.InitializerRange);
        Initialize?.Invoke(model);
        return model;
    }

    /// <summary>Builds the encoder with the head that predicts hidden tokens; the head is taken from the checkpoint where it has one, else fresh.</summary>
    /// <param name="device">Where the weights go.</param>
    /// <param name="dropout">Dropout in place of the configuration's; null to keep that.</param>
    /// <exception cref="InvalidDataException">The checkpoint's tensors are not those that the configuration asks for.</exception>
    public TaskModel CreateMaskedLanguageModel(Device device, double? dropout)
    {
        EncoderConfig placed = Config with { Device = device, HiddenDropout = dropout ?? Config.HiddenDropout, AttentionDropout = dropout ?? Config.AttentionDropout };
        if (weights is not null)
            return ModelCheckpoint.Create(placed, weights, HeadWeights.Fresh, BuildMasked);
        TaskModel model = BuildMasked(placed);
        Initialization.Normal(model.Encoder, Config.InitializerRange);
        Initialize?.Invoke(model);
        return model;
    }

    /// <summary>Builds the encoder with the pooling that makes text embeddings.</summary>
    /// <param name="device">Where the weights go.</param>
    /// <param name="pooling">How token vectors become a text's; null for the checkpoint's own way, the mean where it says nothing.</param>
    /// <param name="normalize">Whether embeddings are brought to length one; null for the checkpoint's own way.</param>
    /// <exception cref="InvalidDataException">The checkpoint's tensors are not those that the configuration asks for.</exception>
    public TaskModel CreateEmbedder(Device device, PoolingMode? pooling = null, bool? normalize = null)
    {
        EncoderConfig placed = Config with { Device = device };
        if (weights is not null)
            return ModelCheckpoint.Create(placed, weights, HeadWeights.Fresh, Build);
        TaskModel model = Build(placed);
        Initialization.Normal(model.Encoder, Config.InitializerRange);
        Initialize?.Invoke(model);
        return model;

        TaskModel Build(EncoderConfig sized) => new(
            family, new TransformerEncoder(sized), new EmbeddingHead(pooling ?? Pooling ?? PoolingMode.Mean, normalize ?? Normalize), TextTask.TextEmbedding);
    }

    private TaskModel BuildMasked(EncoderConfig sized)
    {
        var encoder = new TransformerEncoder(sized);
        return new TaskModel(family, encoder, HeadFactory.Create(family, encoder, TextTask.MaskedLanguageModel, default), TextTask.MaskedLanguageModel);
    }

    /// <summary>As <see cref="CreateClassifier"/>, checked against the checkpoint but without memory for the weights.</summary>
    /// <exception cref="InvalidDataException">The tensors are not those that the configuration asks for.</exception>
    public TaskModel CreateClassifierShapes(ClassifierLayout layout, HeadWeights head) => ModelCheckpoint.CreateShapes(
        Config, weights ?? throw new InvalidOperationException("A fresh encoder has no checkpoint to check."), head, sized => Build(sized, layout));

    private TaskModel Build(EncoderConfig sized, ClassifierLayout layout)
    {
        var encoder = new TransformerEncoder(sized);
        return new TaskModel(family, encoder, HeadFactory.Create(family, encoder, layout.Task, layout with { Pooling = layout.Pooling ?? Pooling }), layout.Task);
    }

    private static int LongestInput(EncoderConfig config, TextTokenizer tokenizer) => Math.Min(config.MaxLength, tokenizer.ModelMaxLength ?? config.MaxLength);

    private string Digest(ITensorSource weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Text(string text) => hash.AppendData(System.Text.Encoding.UTF8.GetBytes(text));

        Text($"{Config.Source.ToJsonString()}\n{Pooling}\n{LowerCase}\n");
        foreach ((string name, byte[] content) in Tokenizer.Files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            Text($"{name}\n{content.Length}\n");
            hash.AppendData(content);
        }
        foreach (TensorInfo info in weights.Tensors.Values.OrderBy(info => info.Name, StringComparer.Ordinal))
        {
            Text($"{info.Name}\n{info.DType}\n{string.Join(',', info.Shape)}\n");
            using Tensor tensor = weights.Read(info.Name);
            TensorMemory.ForEachChunk(tensor, (_, chunk) => hash.AppendData(chunk));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => weights?.Dispose();
}
