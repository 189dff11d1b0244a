using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>A fine-tuned encoder with its tokenizer, ready to score. Thread-safe.</summary>
internal sealed class TextClassifier : ITextClassifier
{
    private const string SettingsFile = "settings.json";
    private const string ConfigFile = "config.json";
    private const string WeightsFile = "encoder.safetensors";
    private const string TokenizerFolder = "tokenizer_";

    private readonly TaskModel _model;
    private readonly PeftAdapter _adapter;
    private readonly TextTokenizer _tokenizer;

    /// <summary>Takes over a trained model and its adapter, freezes them and disposes them in the end.</summary>
    public TextClassifier(TaskModel model, PeftAdapter adapter, TextTokenizer tokenizer, TextClassifierSettings settings)
    {
        (_model, _adapter, _tokenizer, Settings) = (model, adapter, tokenizer, settings);
        model.eval();
        adapter.Train(false);
        adapter.Freeze();
    }

    public TextClassifierSettings Settings { get; }

    public int ClassCount => Settings.ClassCount;

    public int BatchSize => Settings.BatchSize;

    /// <summary>The adapter, its method and its parameters.</summary>
    public PeftAdapter Adapter => _adapter;

    public void Score(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive = null)
    {
        Encoding[] rows = _tokenizer.EncodeAll([.. inputs.Select(input => (input.Text, input.Pair))], Settings.MaxLength, Settings.Truncation);
        new TextBatches(rows, _model.Encoder.Config).Score(_model, BatchSize, logits, checkAlive);
    }

    /// <summary>Writes the classifier as named files.</summary>
    public void Save(Action<string, Action<Stream>> write)
    {
        void Bytes(string name, byte[] content) => write(name, stream => stream.Write(content));

        bool embedded = Settings.Encoder is null;
        Bytes(SettingsFile, (Settings with { TokenizerFiles = embedded ? [.. _tokenizer.Files.Keys.Order(StringComparer.Ordinal)] : [] }).Write());
        if (embedded)
        {
            Bytes(ConfigFile, System.Text.Encoding.UTF8.GetBytes(_model.Encoder.Config.Source.ToJsonString()));
            var inAdapter = _adapter.Method.ReplacesBase ? [] : _adapter.TrainedBase.Select(p => p.Name).ToHashSet();
            write(WeightsFile, stream => SafetensorsWriter.Write(stream,
                _model.named_parameters().Where(p => !inAdapter.Contains(p.name)).Select(p => new KeyValuePair<string, Tensor>(_model.Names.Tensor(p.name), p.parameter)),
                new Dictionary<string, string> { ["format"] = "pt" }));
            foreach (var (name, content) in _tokenizer.Files)
                Bytes(TokenizerFolder + name, content);
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
    /// <exception cref="InvalidDataException">A file is missing or damaged, or the encoder referred to is not the one the classifier was trained on.</exception>
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
        using PretrainedEncoder encoder = settings.Encoder is { } reference ? OpenReferenced(reference, settings) : OpenEmbedded(Bytes, settings.TokenizerFiles);
        PeftMethod method = settings.PeftMethod;
        using SafetensorsFile? adapterWeights = method.ReplacesBase ? null : SafetensorsFile.Parse(Bytes(AdapterFiles.WeightsFile), AdapterFiles.WeightsFile);
        if (adapterWeights is not null)
            DeclaredSize.CheckHead(settings.ClassCount, encoder.Config, adapterWeights);
        TaskModel model = encoder.CreateClassifier(settings.ClassCount, settings.Pooling, device, method.ReplacesBase ? HeadWeights.Required : HeadWeights.Fresh);
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

    private static PretrainedEncoder OpenEmbedded(Func<string, byte[]> bytes, IReadOnlyList<string> tokenizerFiles)
    {
        (EncoderFamily family, EncoderConfig config) = EncoderFamily.Read(JsonFile.ParseObject(bytes(ConfigFile), ConfigFile), ConfigFile);
        TextTokenizer tokenizer = TextTokenizer.Load(tokenizerFiles.ToDictionary(name => name, name => bytes(TokenizerFolder + name)), "the saved classifier");
        PretrainedEncoder.CheckVocabulary(tokenizer, config, ConfigFile);
        return new PretrainedEncoder(family, config, tokenizer, SafetensorsFile.Parse(bytes(WeightsFile), WeightsFile));
    }

    private static PretrainedEncoder OpenReferenced(JsonObject reference, TextClassifierSettings settings)
    {
        EncoderSource source = EncoderSource.FromJson(reference);
        PretrainedEncoder encoder;
        try
        {
            encoder = source.Open([]);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new DirectoryNotFoundException($"The classifier was saved without its encoder and needs that of {source.Description}, which is missing. Restore it, or save the classifier with {nameof(SavedWeights)}.{nameof(SavedWeights.Embedded)}.", e);
        }
        if (encoder.Sha256 == settings.EncoderSha256)
            return encoder;
        encoder.Dispose();
        throw new InvalidDataException(
            $"The classifier was saved without its encoder and needs that of {source.Description} with SHA-256 {settings.EncoderSha256}; " +
            $"found other weights there, with SHA-256 {encoder.Sha256}. Restore the encoder, or save the classifier with {nameof(SavedWeights)}.{nameof(SavedWeights.Embedded)}.");
    }

    public void Dispose()
    {
        _adapter.Dispose();
        _model.Dispose();
    }
}
