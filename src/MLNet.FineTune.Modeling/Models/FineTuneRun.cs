using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Training;
using TorchSharp;

namespace MLNet.FineTune.Models;

/// <summary>A task made ready: the encoder opened, the texts tokenised, the model built. What remains is to train an adapter.</summary>
internal sealed class FineTuneRun : IDisposable
{
    private readonly PretrainedEncoder _encoder;
    private readonly FineTuneInputs? _owned;
    private readonly int _maxLength;
    private readonly bool? _normalize;
    private readonly bool _separatePairs;
    private readonly Prompt? _prompt;
    private TaskModel? _model;
    private PeftAdapter? _adapter;
    private bool _finished;

    private FineTuneRun(FineTuneTask task, FineTuneInputs inputs, bool owned, bool? normalize)
    {
        (Task, _encoder, _owned, _normalize) = (task, inputs.Encoder, owned ? inputs : null, normalize);
        if (task.SavedWeights == SavedWeights.AdapterOnly && !_encoder.HasWeights)
            throw new ArgumentException($"{nameof(SavedWeights)}.{nameof(SavedWeights.AdapterOnly)} needs an encoder that can be found again when the model is loaded; this one cannot ({task.Encoder.Description}). Choose {nameof(SavedWeights.Embedded)}.");
        if (task.Prompt is null && task.Data.Tags is null)
            _encoder.CheckClassifier(task.Pooling);
        _separatePairs = inputs.SeparatePairs;
        _maxLength = InputLength.Choose(task.MaxLength, _encoder, task.Encoder, inputs.LeastLength + 1, answers: task.Answers is not null, task.Peft);
        (Rows, Validation, Unlabeled) = inputs.Tokenize(_maxLength, task.Training.CancellationToken);
        if (Validation is { Targets: not null })
            RegressionMetrics.Require(task.Training.ValidationMetric);
        else if (Validation is { Tags: not null } tagged)
            WordMetrics.Require(task.Training.ValidationMetric, tagged);
        else if (Validation is { Answers: not null })
            AnswerMetrics.Require(task.Training.ValidationMetric);
        else if (Validation is { LabelSets: null } held)
            ClassificationMetrics.Require(task.Training.ValidationMetric, held.Labels, task.ClassCount);
        if (inputs.Template is { } template)
        {
            _prompt = new Prompt(template, inputs.Words(Rows));
            Task = task with { Prompt = _prompt.Complete(task) };
            torch.manual_seed(task.Seed);
        }
        _model = _encoder.CreateClassifier(Layout, task.Device, task.Answers is null ? HeadWeights.Fresh : HeadWeights.Optional);
        _model.Encoder.ComputeType = Hardware.ComputeType(task.Precision, task.Device);
        Session = new FineTuneSession(Task, _encoder, _model);
    }

    /// <summary>The task; where it has a prompt, with the words that stand for the classes.</summary>
    public FineTuneTask Task { get; }

    public EncodedTexts Rows { get; }

    /// <summary>Rows to measure on; null for none.</summary>
    public EncodedTexts? Validation { get; }

    /// <summary>The texts without labels; null for none.</summary>
    public TextBatches? Unlabeled { get; }

    public FineTuneSession Session { get; }

    /// <summary>What is trained, from <see cref="Attach"/> on.</summary>
    public PeftAdapter Adapter => _adapter ?? throw new InvalidOperationException("Nothing is attached yet.");

    private ClassifierLayout Layout => new(Task.ClassCount, Task.Pooling, _normalize, _prompt?.Layout(_encoder.Tokenizer), EachToken: Rows.Tags is not null, Answers: Task.Answers is not null, SeparatePairs: _separatePairs);

    /// <summary>Makes a task ready.</summary>
    /// <param name="task">The task.</param>
    /// <param name="normalize">Tells of the encoder what <see cref="ClassifierLayout.Normalize"/> says; null for what suits the task's head.</param>
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    public static FineTuneRun Start(FineTuneTask task, Func<PretrainedEncoder, bool>? normalize = null)
    {
        Begin(task);
        FineTuneInputs inputs = FineTuneInputs.Open(task);
        task = WithStart(task, inputs.Encoder);
        return inputs.HandTo(() => new FineTuneRun(task, inputs, owned: true, normalize?.Invoke(inputs.Encoder) ?? WithProbe(task, inputs.Encoder)));
    }

    /// <summary>Makes one of several tasks ready that differ in method, training and seed alone.</summary>
    /// <param name="task">The task.</param>
    /// <param name="inputs">The encoder and the texts, of a task with the same ones; they stay the caller's.</param>
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    public static FineTuneRun Start(FineTuneTask task, FineTuneInputs inputs)
    {
        Begin(task);
        task = WithStart(task, inputs.Encoder);
        return new FineTuneRun(task, inputs, owned: false, WithProbe(task, inputs.Encoder));
    }

    /// <summary>The task, without a linear probe where that does not serve.</summary>
    private static FineTuneTask WithStart(FineTuneTask task, PretrainedEncoder encoder) =>
        task.LinearProbe is { } probe && !probe.Serves(task, encoder) ? task with { LinearProbe = null } : task;

    /// <summary>A head that is fitted on embeddings sits on them, of length one where the encoder says so.</summary>
    private static bool? WithProbe(FineTuneTask task, PretrainedEncoder encoder) => task.LinearProbe is null ? null : encoder.Normalize;

    /// <summary>Lets the task's method decide what it decides from data, and puts it on the model.</summary>
    /// <param name="rows">The rows to decide from; null for all that are learnt.</param>
    public PeftAdapter Attach(EncodedTexts? rows = null)
    {
        PeftMethod method = Task.Peft;
        if (method.NeedsPreparation)
        {
            method = method.Prepare(new PeftPreparation(Session, rows ?? Rows));
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
        if (Task.Scale is { } scale)
            ((SequenceHead)_model!.Head).Rescale(scale.Mean, scale.Deviation);
        var classifier = new TextClassifier(_model!, adapter, _encoder.Tokenizer, Settings(adapter.Method));
        (_model, _adapter) = (null, null);
        return classifier;
    }

    private TextClassifierSettings Settings(PeftMethod method) => new()
    {
        ClassCount = Task.ClassCount,
        Pooling = Task.Pooling ?? _encoder.Pooling,
        Normalize = _normalize,
        EachWord = Rows.Tags is not null,
        Answers = Task.Answers,
        SeparatePairs = _separatePairs,
        Prompt = _prompt is null ? null : SavedPrompt.Of(_prompt),
        MaxLength = _maxLength,
        Truncation = Task.Truncation,
        BatchSize = Task.Training.BatchSize,
        Precision = Task.Precision,
        LowerCase = _encoder.LowerCase,
        Method = PeftMethods.ToJson(method),
        Encoder = Task.SavedWeights == SavedWeights.AdapterOnly ? Task.Encoder.ToJson() : null,
        EncoderSha256 = Task.SavedWeights == SavedWeights.AdapterOnly ? _encoder.Sha256 : null,
    };

    /// <summary>Checks what can be checked without the encoder; everything random follows from the task's seed from here on.</summary>
    private static void Begin(FineTuneTask task)
    {
        NativeBackend.EnsureLoaded();
        task.Training.Validate();
        task.Peft.Validate();
        if (task.SavedWeights == SavedWeights.AdapterOnly && task.Peft.ReplacesBase)
            throw new ArgumentException($"{nameof(SavedWeights)}.{nameof(SavedWeights.AdapterOnly)} cannot go with '{task.Peft.MethodName}', which trains the encoder's own weights; choose an adapter method such as {nameof(Lora)}, or {nameof(SavedWeights.Embedded)}.");
        torch.manual_seed(task.Seed);
    }

    public void Dispose()
    {
        Session.Dispose();
        _adapter?.Dispose();
        _model?.Dispose();
        _owned?.Dispose();
    }
}
