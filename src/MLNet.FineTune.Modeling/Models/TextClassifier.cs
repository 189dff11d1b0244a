using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>A fine-tuned encoder with its tokenizer, ready to score and to embed. Thread-safe.</summary>
internal sealed partial class TextClassifier : ITextClassifier, ITextEmbedder
{
    private const string SettingsFile = "settings.json";

    /// <summary>Batches whose tokens are held at once where embeddings and logits are made together: enough for lengths to sort well.</summary>
    private const int WindowBatches = 64;

    private readonly TaskModel _model;
    private readonly PeftAdapter _adapter;
    private readonly TextTokenizer _tokenizer;
    private readonly PromptTemplate? _template;

    /// <summary>Takes over a trained model and its adapter, freezes them and disposes them in the end.</summary>
    public TextClassifier(TaskModel model, PeftAdapter adapter, TextTokenizer tokenizer, TextClassifierSettings settings)
    {
        (_model, _adapter, _tokenizer, Settings) = (model, adapter, tokenizer, settings);
        _template = settings.Prompt is null ? null : PromptTemplate.Parse(settings.Prompt.Template);
        model.eval();
        adapter.Train(false);
        adapter.Freeze();
    }

    public TextClassifierSettings Settings { get; }

    public int ClassCount => Settings.ClassCount;

    public int BatchSize => Settings.BatchSize;

    public int Dimension => Head.Width;

    public bool IsNormalized => !Settings.SeparatePairs && (Settings.Normalize ?? false);

    /// <summary>The adapter, its method and its parameters.</summary>
    public PeftAdapter Adapter => _adapter;

    public int LogitCount(TextInput input) =>
        Settings.Answers is { } rules ? AnswerScoring.NumberCount(rules) : Settings.EachWord ? WordScoring.LogitCount(input, ClassCount) : ClassCount;

    public void Score(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive = null)
    {
        if (Settings.EachWord)
            WordScoring.Score(_model, _tokenizer, Settings, inputs, logits, checkAlive);
        else if (Settings.Answers is { } rules)
            AnswerScoring.Score(_model, _tokenizer, Settings, rules, inputs, logits, checkAlive);
        else
            Encode(inputs).Score(_model, BatchSize, logits, checkAlive);
    }

    private TextBatches Encode(IReadOnlyList<TextInput> inputs) =>
        new(Tokenize(inputs), _model.Encoder.Config);

    private Encoding[] Tokenize(IReadOnlyList<TextInput> inputs) =>
        inputs.Encode(_tokenizer, Settings.LowerCase, Settings.MaxLength, Settings.Truncation, _template, Settings.SeparatePairs);

    /// <summary>Scores rows with dropout, as in training, several times: samples of what the model might have become (MC dropout, Gal and Ghahramani 2016, arXiv 1506.02142).</summary>
    /// <remarks>Not thread-safe, unlike all else: for a <see cref="Copy"/> of one's own.</remarks>
    /// <param name="inputs">The texts.</param>
    /// <param name="passes">How often.</param>
    /// <param name="seed">Decides what drops out.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    /// <returns>The logits of each pass, row-major [inputs.Count, <see cref="ClassCount"/>].</returns>
    public float[][] ScoreWithDropout(IReadOnlyList<TextInput> inputs, int passes, int seed, Action? checkAlive = null)
    {
        TextBatches texts = Encode(inputs);
        manual_seed(seed);
        new TrainingMode(_model, _adapter).Train();
        try
        {
            return [.. Enumerable.Range(0, passes).Select(_ =>
            {
                var logits = new float[inputs.Count * ClassCount];
                texts.Score(_model, BatchSize, logits, checkAlive);
                return logits;
            })];
        }
        finally
        {
            _model.eval();
            _adapter.Train(false);
        }
    }

    /// <summary>Whether another classifier cuts texts into the same tokens.</summary>
    public bool HasTokenizerOf(TextClassifier other) => _tokenizer.Files.Count == other._tokenizer.Files.Count
        && _tokenizer.Files.All(file => other._tokenizer.Files.TryGetValue(file.Key, out byte[]? content) && file.Value.AsSpan().SequenceEqual(content));

    /// <summary>The same classifier once more, with weights of its own, which may be changed: they are saved with it, even where this one's are referred to.</summary>
    public TextClassifier Copy() => _adapter.Method.ReplacesBase ? Whole(_model, Settings.Method) : SavedAndLoaded(Save);

    /// <summary>The same classifier, with weights of its own that have the adapter's change in them: it scores as fast as the encoder alone, and is saved whole.</summary>
    /// <exception cref="NotSupportedException">The method trained the encoder itself, or its effect is no change of weights.</exception>
    public TextClassifier Merged()
    {
        if (_adapter.Method.ReplacesBase)
            throw new NotSupportedException($"'{_adapter.Method.MethodName}' trains the encoder itself; there is no adapter to merge.");
        using TextClassifier copy = Copy();
        copy._adapter.Merge();
        return Whole(copy._model, PeftMethods.ToJson(new FullFineTuning()));
    }

    /// <summary>Writes the classifier as a directory that Hugging Face transformers loads.</summary>
    /// <param name="directory">See <see cref="ClassifierDirectory.Write"/>.</param>
    /// <param name="labels">What the classes are called; null where a number is predicted.</param>
    /// <exception cref="IOException">The folder holds something else than an encoder, or cannot be written.</exception>
    /// <exception cref="NotSupportedException">The model has an adapter, or something else that such a directory cannot say.</exception>
    public void Export(string directory, IReadOnlyList<string>? labels)
    {
        if (!_adapter.Method.ReplacesBase)
            throw new NotSupportedException($"The model has an adapter ('{_adapter.Method.MethodName}') beside its encoder; merge it first (MergeAdapter), or save it alone (SaveAdapter).");
        if (Settings.LowerCase)
            throw new NotSupportedException("The encoder's directory asks for texts in lower case before they are tokenised ('do_lower_case' of sentence-transformers), which a directory of Hugging Face transformers cannot say.");
        ClassifierDirectory.Write(directory, _model, _tokenizer, labels);
    }

    /// <summary>A classifier of all weights of a model, which has no adapter beside them.</summary>
    private TextClassifier Whole(TaskModel model, JsonObject method)
    {
        TextClassifierSettings whole = Settings with { Method = method, Encoder = null, EncoderSha256 = null, TokenizerFiles = SavedEncoder.TokenizerFiles(_tokenizer) };
        return SavedAndLoaded(write =>
        {
            write(SettingsFile, stream => stream.Write(whole.Write()));
            SavedEncoder.Write(write, model, _tokenizer);
        });
    }

    private TextClassifier SavedAndLoaded(Action<Action<string, Action<Stream>>> save)
    {
        var files = new Dictionary<string, byte[]>();
        save((name, write) =>
        {
            using var stream = new MemoryStream();
            write(stream);
            files[name] = stream.ToArray();
        });
        return Load(name => files.TryGetValue(name, out byte[]? content) ? new MemoryStream(content) : null, _model.Encoder.Config.Device);
    }

    private IClassifierHead Head => _model.Head as IClassifierHead ?? throw new NotSupportedException("The model reads every token by itself, and gives texts no embedding.");

    /// <summary>Embeds texts with the tuned encoder: the vectors that the linear layer sees, or the dense layer before it where the encoder's family has one; those at the mask of a prompt.</summary>
    /// <inheritdoc cref="ITextEmbedder.Embed"/>
    public long Embed(IReadOnlyList<TextInput> inputs, Span<float> embeddings, Action? checkAlive = null)
    {
        IClassifierHead head = Head;
        TextBatches texts = Encode(inputs);
        texts.Score(batch =>
        {
            using EncoderInput input = texts.Input(batch);
            return head.Embed(_model.Encode(input), input);
        }, BatchSize, embeddings, checkAlive);
        return texts.TokenCount;
    }

    /// <summary>Embeds and classifies texts, each encoded once for both.</summary>
    /// <param name="inputs">The texts.</param>
    /// <param name="embeddings">Receives what <see cref="Embed"/> gives.</param>
    /// <param name="logits">Receives what <see cref="Score"/> gives.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    public void EmbedAndScore(IReadOnlyList<TextInput> inputs, Span<float> embeddings, Span<float> logits, Action? checkAlive = null)
    {
        IClassifierHead head = Head;
        int width = Dimension, columns = width + ClassCount, window = WindowBatches * BatchSize;
        for (int start = 0; start < inputs.Count; start += window)
        {
            TextBatches texts = Encode([.. inputs.Skip(start).Take(window)]);
            var both = new float[texts.Count * columns];
            texts.Score(batch =>
            {
                using EncoderInput input = texts.Input(batch);
                Tensor pooled = head.Embed(_model.Encode(input), input);
                return cat([pooled, head.Classify(pooled)], 1);
            }, BatchSize, both, checkAlive);
            for (int row = 0; row < texts.Count; row++)
            {
                both.AsSpan(row * columns, width).CopyTo(embeddings[((start + row) * width)..]);
                both.AsSpan(row * columns + width, ClassCount).CopyTo(logits[((start + row) * ClassCount)..]);
            }
        }
    }

    /// <summary>Tokens of a text on average, as the encoder reads it.</summary>
    public double MeanLength(IReadOnlyList<TextInput> inputs) =>
        Tokenize(inputs).Average(row => row.TokenCount);

    /// <summary>Writes the classifier as named files.</summary>
    public void Save(Action<string, Action<Stream>> write)
    {
        void Bytes(string name, byte[] content) => write(name, stream => stream.Write(content));

        bool embedded = Settings.Encoder is null;
        Bytes(SettingsFile, (Settings with { TokenizerFiles = embedded ? SavedEncoder.TokenizerFiles(_tokenizer) : [] }).Write());
        if (embedded)
        {
            // What an adapter trains of the encoder stays in both files: an encoder is loaded whole or not at all.
            var inAdapter = _adapter.Method.ReplacesBase ? [] : _adapter.TrainedBase.Select(p => p.Name).Where(name => name.StartsWith("head.", StringComparison.Ordinal)).ToHashSet();
            SavedEncoder.Write(write, _model, _tokenizer, name => !inAdapter.Contains(name));
        }
        if (_adapter.Method.ReplacesBase)
            return;
        write(AdapterFiles.WeightsFile, stream => AdapterFiles.SaveWeights(_adapter, stream));
        if (AdapterFiles.Config(_adapter) is { } config)
            Bytes(AdapterFiles.ConfigFile, config);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="open">Opens a file by name, or gives null where it is not there.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged, or the encoder referred to is gone or not the one the classifier was trained on.</exception>
    /// <exception cref="NotSupportedException">The model type or the tokenizer is none of those this version knows.</exception>
    public static TextClassifier Load(Func<string, Stream?> open, Device device)
    {
        NativeBackend.EnsureLoaded();
        byte[] Bytes(string name)
        {
            using Stream stream = open(name) ?? throw new InvalidDataException($"The saved classifier has no '{name}'.");
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }

        TextClassifierSettings settings = TextClassifierSettings.Read(Bytes(SettingsFile), SettingsFile);
        using PretrainedEncoder encoder = settings.Encoder is { } reference ? SavedEncoder.OpenReferenced(reference, settings.EncoderSha256, "classifier") : SavedEncoder.Open(Bytes, settings.TokenizerFiles);
        using SafetensorsFile? adapterWeights = settings.PeftMethod.ReplacesBase ? null : SafetensorsFile.Parse(Bytes(AdapterFiles.WeightsFile), AdapterFiles.WeightsFile);
        return Create(encoder, settings, adapterWeights, device);
    }

    /// <summary>Puts a classifier together of what was trained before.</summary>
    /// <param name="encoder">The encoder; with the head's weights where the method trained the encoder itself. It stays the caller's.</param>
    /// <param name="settings">What the classifier records.</param>
    /// <param name="adapterWeights">What an adapter trained; null where the method trained the encoder itself.</param>
    /// <param name="device">Where to compute.</param>
    /// <exception cref="InvalidDataException">The three do not fit together.</exception>
    public static TextClassifier Create(PretrainedEncoder encoder, TextClassifierSettings settings, SafetensorsFile? adapterWeights, Device device)
    {
        PeftMethod method = settings.PeftMethod;
        HeadWeights head = method.ReplacesBase ? HeadWeights.Required : HeadWeights.Fresh;
        Prompt? prompt = settings.Prompt?.Open(encoder.Tokenizer, settings.LowerCase, settings.ClassCount, SettingsFile);
        ClassifierLayout layout = settings.Layout with { Prompt = prompt?.Layout(encoder.Tokenizer) };
        Check(settings, layout, encoder, prompt?.Template.Length(encoder.Tokenizer, settings.LowerCase), method, head, adapterWeights);
        TaskModel model = encoder.CreateClassifier(layout, device, head);
        PeftAdapter? adapter = null;
        try
        {
            model.Encoder.ComputeType = Hardware.ComputeType(settings.Precision, device);
            adapter = PeftAdapter.Attach(model, method);
            if (adapterWeights is not null)
                AdapterFiles.LoadWeights(adapter, adapterWeights);
            return new TextClassifier(model, adapter, encoder.Tokenizer, settings);
        }
        catch
        {
            adapter?.Dispose();
            model.Dispose();
            throw;
        }
    }

    /// <summary>Goes through the loading with tensors that have shapes but no memory: damaged settings must not make us allocate what no file holds.</summary>
    private static void Check(
        TextClassifierSettings settings, ClassifierLayout layout, PretrainedEncoder encoder, int? promptLength, PeftMethod method, HeadWeights head, SafetensorsFile? weights)
    {
        int least = promptLength ?? encoder.Tokenizer.SpecialTokenCount(pair: settings.Answers is not null);
        int most = encoder.Config.MaxLength - method.ReservedLength;
        if (settings.MaxLength > most || settings.MaxLength <= least)
            throw new InvalidDataException($"{SettingsFile}: '{nameof(settings.MaxLength)}' is {settings.MaxLength}; expected {least + 1} to {most} for the encoder.");
        using TaskModel shapes = encoder.CreateClassifierShapes(layout, head);
        try
        {
            using PeftAdapter adapter = PeftAdapter.Attach(shapes, method);
            if (weights is not null)
                AdapterFiles.CheckWeights(adapter, weights);
        }
        catch (Exception e) when (e is ArgumentException or ExternalException)
        {
            throw new InvalidDataException($"{SettingsFile}: the options of the fine-tuning method '{method.MethodName}' do not fit the encoder: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        _adapter.Dispose();
        _model.Dispose();
    }
}
