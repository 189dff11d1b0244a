using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>One encoder in memory and any number of adapters with their heads on it. Thread-safe: one batch is scored at a time.</summary>
internal sealed class AdapterBank : IDisposable
{
    private const int BatchSize = 32;

    private readonly Lock _lock = new();
    private readonly PretrainedEncoder _encoder;
    private readonly TaskModel _base;
    private readonly Dictionary<string, PeftAdapter> _adapters = new(StringComparer.Ordinal);
    private bool _disposed;

    public AdapterBank(EncoderSource source, Device device, Precision precision)
    {
        NativeBackend.EnsureLoaded();
        if (source is ScratchEncoderSource)
            throw new ArgumentException($"Adapters need an encoder with weights; this one has none ({source.Description}).", nameof(source));
        _encoder = source.Open([]);
        try
        {
            _base = _encoder.CreateClassifier(new ClassifierLayout(1), device);
            _base.Encoder.ComputeType = Hardware.ComputeType(precision, device);
            _base.eval();
        }
        catch
        {
            _encoder.Dispose();
            throw;
        }
    }

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_lock)
                return [.. _adapters.Keys];
        }
    }

    /// <summary>Reads an adapter's folder, as Python's peft or <see cref="Save"/> wrote it.</summary>
    public void Load(string name, string directory) => Add(name, () =>
    {
        using SafetensorsFile weights = SafetensorsFile.Open(Path.Combine(directory, AdapterFiles.WeightsFile));
        ClassifierLayout layout = AdapterFiles.Layout(weights, _base.Names, _encoder.Pooling);
        RequireTexts(layout);
        TaskModel model = WithHead(layout);
        return AdapterFiles.Load(model, directory);
    });

    /// <summary>Copies the adapter of a fitted classifier.</summary>
    /// <exception cref="ArgumentException">The classifier was fitted on another encoder, or the encoder itself was trained.</exception>
    public void Copy(string name, TextClassifier classifier) => Add(name, () =>
    {
        PeftAdapter trained = classifier.Adapter;
        if (trained.Method.ReplacesBase)
            throw new ArgumentException($"The model was fitted with '{trained.Method.MethodName}', which trains the encoder itself; there is no adapter to add.");
        if (classifier.Settings.Prompt is not null)
            throw new ArgumentException("The model classifies by a prompt; adapters on one encoder classify by heads of their own.");
        RequireTexts(LayoutOf(trained));
        RequireSameEncoder(trained);
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(trained, file);
        PeftAdapter copy = PeftAdapter.Attach(WithHead(LayoutOf(trained)), trained.Method);
        try
        {
            using SafetensorsFile source = SafetensorsFile.Parse(file.ToArray(), name);
            AdapterFiles.LoadWeights(copy, source);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    });

    private static void RequireTexts(ClassifierLayout layout)
    {
        if (layout.SeparatePairs)
            throw new ArgumentException($"The model compares pairs of texts, each read by itself ({nameof(PairEncoding)}.{nameof(PairEncoding.Separate)}); adapters on one encoder classify single texts.");
    }

    /// <summary>Merges adapters into a new one.</summary>
    public void Merge(string name, IReadOnlyDictionary<string, double> weights, AdapterMergeOptions options) => Add(name, () =>
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        FinishedMethod merged = WithActive([.. weights.Keys.Select(Find)], () =>
        {
            FinishedMethod result = AdapterMerge.Merge([.. weights.Select(part => (part.Key, Find(part.Key), part.Value))], options);
            return result with { Values = result.Values.ToDictionary(value => value.Key, value => value.Value.detach().clone()) };
        });
        PeftAdapter adapter = PeftAdapter.Attach(WithHead(LayoutOf(Find(weights.Keys.First()))), merged.Method);
        foreach (AdapterParameter parameter in adapter.Trainable)
            parameter.Parameter.copy_(merged.Values[parameter.Name]);
        return adapter;
    });

    public void Remove(string name)
    {
        lock (_lock)
        {
            PeftAdapter adapter = Find(name);
            _adapters.Remove(name);
            Drop(adapter);
        }
    }

    /// <summary>Writes an adapter's folder; Python's peft reads it where it has such a method.</summary>
    public void Save(string name, string directory)
    {
        lock (_lock)
        {
            PeftAdapter adapter = Find(name);
            WithActive([adapter], () =>
            {
                AdapterFiles.Save(adapter, directory);
                return true;
            });
        }
    }

    /// <summary>Scores texts with adapters stacked; the head is the last one's.</summary>
    /// <returns>Logits, row-major [rows, classes].</returns>
    public float[] Score(IReadOnlyList<TextInput> inputs, IReadOnlyList<string> stack, Action? checkAlive = null)
    {
        lock (_lock)
        {
            PeftAdapter[] adapters = [.. stack.Select(Find)];
            Encoding[] rows = inputs.Encode(_encoder.Tokenizer, _encoder.LowerCase, _encoder.MaxLength - adapters.Sum(adapter => adapter.Method.ReservedLength), Truncation.LongestFirst);
            TaskModel model = adapters[^1].Model;
            if (adapters.Length > 1)
                foreach (PeftAdapter adapter in adapters)
                    adapter.PlaceLast();
            return WithActive(adapters, () =>
            {
                var scores = new float[inputs.Count * ((IClassifierHead)model.Head).ClassCount];
                new TextBatches(rows, model.Encoder.Config).Score(model, BatchSize, scores, checkAlive);
                return scores;
            });
        }
    }

    public int ClassCount(string name)
    {
        lock (_lock)
            return ((IClassifierHead)Find(name).Model.Head).ClassCount;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            foreach (PeftAdapter adapter in _adapters.Values.Reverse())
                Drop(adapter);
            _adapters.Clear();
            _base.Dispose();
            _encoder.Dispose();
        }
    }

    private void Add(string name, Func<PeftAdapter> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_adapters.ContainsKey(name))
                throw new ArgumentException($"There is an adapter '{name}' already; remove it first.", nameof(name));
            PeftAdapter adapter = create();
            adapter.Train(false);
            adapter.Freeze();
            adapter.Active = false;
            _adapters.Add(name, adapter);
        }
    }

    /// <summary>Adapters may train the same weights of the encoder: they are switched off in the opposite order.</summary>
    private static T WithActive<T>(IReadOnlyList<PeftAdapter> adapters, Func<T> action)
    {
        try
        {
            foreach (PeftAdapter adapter in adapters)
                adapter.Active = true;
            return action();
        }
        finally
        {
            foreach (PeftAdapter adapter in adapters.Reverse())
                adapter.Active = false;
        }
    }

    private PeftAdapter Find(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _adapters.TryGetValue(name, out PeftAdapter? adapter) ? adapter
            : throw new ArgumentException($"There is no adapter '{name}'; there are {(_adapters.Count == 0 ? "none" : string.Join(", ", _adapters.Keys))}.", nameof(name));
    }

    private static ClassifierLayout LayoutOf(PeftAdapter adapter) => ((SequenceHead)adapter.Model.Head).Layout;

    /// <summary>The encoder, not copied, under a head of its own.</summary>
    private TaskModel WithHead(ClassifierLayout layout)
    {
        var model = new TaskModel(_base.Names.Family, _base.Encoder, HeadFactory.Create(_base.Names.Family, _base.Encoder, TextTask.SequenceClassification, layout), TextTask.SequenceClassification);
        model.eval();
        return model;
    }

    /// <summary>The encoder goes on: only the head and the adapter's modules are freed.</summary>
    private static void Drop(PeftAdapter adapter)
    {
        adapter.Dispose();
        adapter.Model.Head.Dispose();
    }

    private void RequireSameEncoder(PeftAdapter trained)
    {
        var changed = trained.TrainedBase.Select(p => p.Name).ToHashSet();
        var ours = _base.Encoder.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var (name, parameter) in trained.Model.Encoder.named_parameters())
            if (!changed.Contains("encoder." + name) && (!ours.TryGetValue(name, out var own) || !own.shape.SequenceEqual(parameter.shape) || !own.allclose(parameter, rtol: 0, atol: 0)))
                throw new ArgumentException($"The model was fitted on another encoder: they differ in '{name}'.");
    }
}
