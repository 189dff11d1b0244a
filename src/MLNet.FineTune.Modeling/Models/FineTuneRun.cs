using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Tokenization;
using MLNet.FineTune.Training;
using TorchSharp;

namespace MLNet.FineTune.Models;

/// <summary>A task made ready: the encoder opened, the texts tokenised, the model built. What remains is to train an adapter.</summary>
internal sealed class FineTuneRun : IDisposable
{
    private readonly PretrainedEncoder _encoder;
    private readonly int _maxLength;
    private readonly bool? _normalize;
    private TaskModel? _model;
    private PeftAdapter? _adapter;
    private bool _finished;

    private FineTuneRun(FineTuneTask task, PretrainedEncoder encoder, bool? normalize)
    {
        (Task, _encoder, _normalize) = (task, encoder, normalize);
        _maxLength = LongestInput(task, encoder);
        (LabelledTexts train, LabelledTexts? held) = Split(task);
        Rows = Tokenize(task.Extra is null ? train : train.Append(task.Extra));
        Validation = held is null ? null : Tokenize(held);
        Unlabeled = task.Unlabeled is null ? null : Tokenize(task.Unlabeled.Inputs);
        _model = encoder.CreateClassifier(Layout, task.Device);
        _model.Encoder.ComputeType = Hardware.ComputeType(task.Precision, task.Device);
        Session = new FineTuneSession(task, encoder, _model);
    }

    public FineTuneTask Task { get; }

    public EncodedTexts Rows { get; }

    /// <summary>Rows to measure on; null for none.</summary>
    public EncodedTexts? Validation { get; }

    /// <summary>The texts without labels; null for none.</summary>
    public TextBatches? Unlabeled { get; }

    public FineTuneSession Session { get; }

    /// <summary>What is trained, from <see cref="Attach"/> on.</summary>
    public PeftAdapter Adapter => _adapter ?? throw new InvalidOperationException("Nothing is attached yet.");

    private ClassifierLayout Layout => new(Task.ClassCount, Task.Pooling, _normalize);

    /// <summary>Makes a task ready.</summary>
    /// <param name="task">The task.</param>
    /// <param name="normalize">See <see cref="ClassifierLayout.Normalize"/>; with a linear probe, which is fitted to text embeddings as they are, null is false.</param>
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    public static FineTuneRun Start(FineTuneTask task, bool? normalize = null)
    {
        NativeBackend.EnsureLoaded();
        task.Training.Validate();
        task.Peft.Validate();
        CheckSavedWeights(task);
        torch.manual_seed(task.Seed);
        PretrainedEncoder encoder = task.Encoder.Open(Inputs(task).SelectMany(input => input.Pair is null ? [input.Text] : new[] { input.Text, input.Pair }));
        try
        {
            if (task.SavedWeights == SavedWeights.AdapterOnly && !encoder.HasWeights)
                throw new ArgumentException($"{nameof(SavedWeights)}.{nameof(SavedWeights.AdapterOnly)} needs an encoder that can be found again when the model is loaded; this one cannot ({task.Encoder.Description}). Choose {nameof(SavedWeights.Embedded)}.");
            return new FineTuneRun(task, encoder, normalize ?? (task.LinearProbe is null ? null : false));
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <summary>Lets the task's method decide what it decides from data, and puts it on the model.</summary>
    public PeftAdapter Attach()
    {
        PeftMethod method = Task.Peft;
        if (method.NeedsPreparation)
        {
            method = method.Prepare(new PeftPreparation(Session, Rows));
            // What follows must not depend on how much was tried.
            torch.manual_seed(Task.Seed);
        }
        return _adapter = PeftAdapter.Attach(_model!, method);
    }

    /// <summary>Begins anew: takes the adapter off and puts a fresh one of the same method on the weights that there were.</summary>
    /// <param name="start">What the adapter trained, as it was before.</param>
    public PeftAdapter Restart(AdapterState start)
    {
        PeftMethod method = Adapter.Method;
        Adapter.Dispose();
        torch.manual_seed(Task.Seed);
        _adapter = PeftAdapter.Attach(_model!, method);
        start.CopyTo(_adapter);
        return _adapter;
    }

    /// <summary>Ends the training of the adapter, and leaves the model in evaluation mode.</summary>
    public PeftAdapter Finish()
    {
        if (!_finished)
            _adapter = Adapter.Finish();
        _finished = true;
        _model!.eval();
        Adapter.Train(false);
        return Adapter;
    }

    /// <summary>Hands the finished model and adapter over.</summary>
    public TextClassifier ToClassifier()
    {
        PeftAdapter adapter = Finish();
        var classifier = new TextClassifier(_model!, adapter, _encoder.Tokenizer, Settings(adapter.Method));
        (_model, _adapter) = (null, null);
        return classifier;
    }

    private EncodedTexts Tokenize(LabelledTexts data) => new(Tokenize(data.Inputs), data.Labels, data.Weights, data.LabelSets);

    private TextBatches Tokenize(IReadOnlyList<TextInput> texts)
    {
        Encoding[] rows = texts.Encode(_encoder.Tokenizer, _encoder.LowerCase, _maxLength, Task.Truncation, Task.Training.CancellationToken);
        int full = rows.Count(row => row.Ids.Length == _maxLength);
        if (full > 0)
            Task.Inform?.Invoke($"{full} of {rows.Length} texts fill the maximum length of {_maxLength} tokens; what is longer is cut ({Task.Truncation}).");
        return new TextBatches(rows, _encoder.Config with { Device = Task.Device });
    }

    private TextClassifierSettings Settings(PeftMethod method) => new()
    {
        ClassCount = Task.ClassCount,
        Pooling = Task.Pooling ?? _encoder.Pooling,
        Normalize = _normalize,
        MaxLength = _maxLength,
        Truncation = Task.Truncation,
        BatchSize = Task.Training.BatchSize,
        Precision = Task.Precision,
        LowerCase = _encoder.LowerCase,
        Method = PeftMethods.ToJson(method),
        Encoder = Task.SavedWeights == SavedWeights.AdapterOnly ? Task.Encoder.ToJson() : null,
        EncoderSha256 = Task.SavedWeights == SavedWeights.AdapterOnly ? _encoder.Sha256 : null,
    };

    private static (LabelledTexts Train, LabelledTexts? Validation) Split(FineTuneTask task)
    {
        if (task.Validation is not null || task.Training.ValidationFraction == 0)
            return (task.Data, task.Validation);
        (int[] kept, int[] held) = task.Data.LabelSets is { } sets
            ? LabelSetSplit.Create(sets, task.Training.ValidationFraction, task.Seed)
            : StratifiedSplit.Create(task.Data.Labels, task.Training.ValidationFraction, task.Seed);
        return (task.Data.Rows(kept), task.Data.Rows(held));
    }

    private static IEnumerable<TextInput> Inputs(FineTuneTask task) => task.Data.Inputs.Concat(task.Extra?.Inputs ?? []).Concat(task.Unlabeled?.Inputs ?? []);

    private static int LongestInput(FineTuneTask task, PretrainedEncoder encoder)
    {
        bool pairs = Inputs(task).Any(input => input.Pair is not null);
        int reserved = task.Peft.ReservedLength, least = encoder.Tokenizer.SpecialTokenCount(pairs) + 1, most = encoder.Config.MaxLength - reserved;
        if (most < least)
            throw new ArgumentException($"'{task.Peft.MethodName}' needs {reserved} of the {encoder.Config.MaxLength} tokens that the encoder takes ({task.Encoder.Description}), which leaves none for the text; make its prompt shorter.");
        if (task.MaxLength is not { } length)
            return Math.Min(encoder.MaxLength, most);
        return length >= least && length <= most ? length : throw new ArgumentException(
            $"{nameof(FineTuneTask.MaxLength)} is {length}; expected {least} to {most}, what the encoder takes ({task.Encoder.Description}){(reserved == 0 ? "" : $" beside the {reserved} of '{task.Peft.MethodName}'")}.");
    }

    private static void CheckSavedWeights(FineTuneTask task)
    {
        if (task.SavedWeights == SavedWeights.AdapterOnly && task.Peft.ReplacesBase)
            throw new ArgumentException($"{nameof(SavedWeights)}.{nameof(SavedWeights.AdapterOnly)} cannot go with '{task.Peft.MethodName}', which trains the encoder's own weights; choose an adapter method such as {nameof(Lora)}, or {nameof(SavedWeights.Embedded)}.");
    }

    public void Dispose()
    {
        Session.Dispose();
        _adapter?.Dispose();
        _model?.Dispose();
        _encoder.Dispose();
    }
}
