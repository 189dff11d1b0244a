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
    public PoolingModes? Pooling { get; init; }

    /// <summary>The dense layers between pooling and normalisation, which a sentence-transformers checkpoint may have.</summary>
    public IReadOnlyList<DenseModule> Dense { get; init; } = [];

    /// <summary>What a sentence-transformers checkpoint may put before texts.</summary>
    public EncoderPrompts Prompts { get; init; } = EncoderPrompts.None;

    /// <summary>Whether the tokens of a prompt are pooled like those of the text.</summary>
    public bool PoolsPrompt { get; init; } = true;

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

    /// <summary>The tensors of the output layer that a task's head has, weight and bias: their names, and what the checkpoint has of them.</summary>
    public IReadOnlyList<(string Name, TensorInfo? Stored)> HeadOutput(TextTask task)
    {
        var names = new CheckpointNames(family, task);
        return [Output("weight"), Output("bias")];

        (string, TensorInfo?) Output(string part)
        {
            string name = names.Tensor($"head.output.{part}");
            return (name, weights?.Tensors.GetValueOrDefault(name));
        }
    }

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
        ITensorSource weights = CheckpointDirectory.OpenWeights(transformer);
        var dense = new List<DenseModule>();
        try
        {
            foreach (string folder in modules?.DenseFolders ?? [])
                dense.Add(DenseModule.FromDirectory(folder));
            if (dense.Count > 0)
                CheckWidths(dense, modules!.Pooling.Width(config.HiddenSize));
        }
        catch
        {
            weights.Dispose();
            dense.ForEach(module => module.Dispose());
            throw;
        }
        return new PretrainedEncoder(family, config, tokenizer, weights)
        {
            Dense = dense,
            Prompts = modules?.Prompts ?? EncoderPrompts.None,
            PoolsPrompt = modules?.PoolsPrompt ?? true,
            Pooling = modules?.Pooling,
            Normalize = modules?.Normalize ?? false,
            LowerCase = modules?.LowerCase ?? false,
            MaxLength = Math.Min(modules?.MaxSequenceLength ?? longest, longest),
        };
    }

    /// <summary>The same configuration and tokenizer with fresh weights, and without the dense layers that were trained for the old ones.</summary>
    public PretrainedEncoder WithoutWeights() => new(family, Config, Tokenizer, weights: null) { Pooling = Pooling, Normalize = Normalize, LowerCase = LowerCase, MaxLength = MaxLength };

    /// <summary>Checks that dense layers fit one another.</summary>
    /// <param name="dense">The layers.</param>
    /// <param name="width">How wide what comes before them is.</param>
    /// <exception cref="InvalidDataException">A layer's input is not as wide as what comes before it.</exception>
    public static void CheckWidths(IEnumerable<DenseModule> dense, int width)
    {
        foreach (DenseModule module in dense)
        {
            if (module.Shape.Inputs != width)
                throw new InvalidDataException($"{module.Weights.Location}: the Dense module takes vectors of {module.Shape.Inputs} numbers; expected {width}, as what comes before it gives.");
            width = module.Shape.Outputs;
        }
    }

    /// <summary>Throws where a classifier cannot be put on the text embedding: it would have to go through dense layers, which classifiers have not.</summary>
    /// <param name="pooling">How the classifier pools; null for the checkpoint's own way.</param>
    /// <exception cref="NotSupportedException">The checkpoint has dense layers, and no other way of pooling is asked for.</exception>
    public void CheckClassifier(PoolingModes? pooling)
    {
        if (pooling is null && Dense.Count > 0)
            throw new NotSupportedException(
                $"The encoder's embeddings go through {Dense.Count} Dense {(Dense.Count == 1 ? "module" : "modules")} after pooling, which only EmbedText and embedding generators run. Set Pooling = {nameof(PoolingMode)}.{Pooling!.InOrder[0]} (or another) to classify the pooled vectors themselves, or put an ML.NET trainer on EmbedText.");
    }

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
    /// <param name="skippedTokens">See <see cref="EmbeddingHeadOptions"/>.</param>
    /// <exception cref="ArgumentException">Vectors that are pooled so are not as wide as the checkpoint's dense layers take them.</exception>
    /// <exception cref="InvalidDataException">The checkpoint's tensors are not those that the configuration asks for.</exception>
    public TaskModel CreateEmbedder(Device device, PoolingModes? pooling = null, bool? normalize = null, int skippedTokens = 0)
    {
        var options = new EmbeddingHeadOptions(pooling ?? Pooling ?? PoolingMode.Mean, [.. Dense.Select(module => module.Shape)], normalize ?? Normalize, skippedTokens);
        if (options.Dense is [var first, ..] && first.Inputs != options.Pooling.Width(Config.HiddenSize))
            throw new ArgumentException($"Pooling is {options.Pooling}, which gives vectors of {options.Pooling.Width(Config.HiddenSize)} numbers; expected {first.Inputs}, as the encoder's Dense module takes them.", nameof(pooling));
        EncoderConfig placed = Config with { Device = device };
        if (weights is not null)
        {
            TaskModel trained = ModelCheckpoint.Create(placed, weights, HeadWeights.Fresh, Build);
            try
            {
                foreach ((DenseModule module, Peft.Dense layer) in Dense.Zip(((EmbeddingHead)trained.Head).Layers))
                    module.CopyTo(layer);
                return trained;
            }
            catch
            {
                trained.Dispose();
                throw;
            }
        }
        TaskModel model = Build(placed);
        Initialization.Normal(model.Encoder, Config.InitializerRange);
        Initialize?.Invoke(model);
        return model;

        TaskModel Build(EncoderConfig sized) => new(family, new TransformerEncoder(sized), new EmbeddingHead(sized, options), TextTask.TextEmbedding);
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
        void Tensors(ITensorSource source)
        {
            foreach (TensorInfo info in source.Tensors.Values.OrderBy(info => info.Name, StringComparer.Ordinal))
            {
                Text($"{info.Name}\n{info.DType}\n{string.Join(',', info.Shape)}\n");
                using Tensor tensor = source.Read(info.Name);
                TensorMemory.ForEachChunk(tensor, (_, chunk) => hash.AppendData(chunk));
            }
        }

        Text($"{Config.Source.ToJsonString()}\n{Pooling}\n{LowerCase}\n");
        foreach ((string name, byte[] content) in Tokenizer.Files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            Text($"{name}\n{content.Length}\n");
            hash.AppendData(content);
        }
        Tensors(weights);
        foreach (DenseModule module in Dense)
        {
            Text($"{module.Shape}\n");
            Tensors(module.Weights);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose()
    {
        weights?.Dispose();
        foreach (DenseModule module in Dense)
            module.Dispose();
    }
}
