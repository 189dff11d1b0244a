using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.SelfTraining;

/// <summary>What self-training methods are made of: training, predicting, beginning anew, and reporting.</summary>
/// <remarks>Each thing that a method does here is a stage, which an interrupted run does not do again once it is done: see <see cref="StageJournal"/>.</remarks>
internal sealed partial class SelfTrainingRun : IDisposable
{
    private readonly SelfTrainingTask _task;
    private readonly CollapseAlarm _alarm;
    private readonly StageJournal _journal;
    private readonly List<SelfTrainingProgress> _reports = [];
    private FineTuneRun _run;
    private AdapterState _start;
    private AdapterState? _best;
    private AdapterState? _good;
    private double _bestMetric = double.NegativeInfinity;

    public SelfTrainingRun(SelfTrainingTask task)
    {
        _task = task;
        _journal = new StageJournal(task.Tuning.Training.CheckpointDirectory, task.Tuning.Training.ResumeFromCheckpoint);
        _run = Begin(task.Tuning, out _start);
        var given = new int[ClassCount];
        foreach (int label in Labeled.Labels)
            given[label]++;
        _alarm = new CollapseAlarm(given, Tuning.ClassKeys ?? Tuning.ClassNames);
        try
        {
            int done = _journal.Open(() => SelfTrainingFingerprint.Of(task, _run), this);
            if (done > 0)
                Inform($"Self-training goes on from '{task.Tuning.Training.CheckpointDirectory}', after {done} stages.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public FineTuneTask Tuning => _run.Task;

    public int ClassCount => Tuning.ClassCount;

    /// <summary>How many layers the encoder has.</summary>
    public int LayerCount => Adapter.Model.Encoder.Config.LayerCount;

    /// <summary>The labelled rows to train on.</summary>
    public EncodedTexts Labeled => _run.Rows;

    /// <summary>The weights of the labelled rows and of others after them, which weigh one each; null where all weigh the same.</summary>
    /// <param name="others">How many others.</param>
    public float[]? WeightsWith(int others) => Labeled.Weights is { } given ? [.. given, .. Enumerable.Repeat(1f, others)] : null;

    /// <summary>Whether the head was fitted on embeddings, so that the model predicts before it is trained.</summary>
    public bool HasFittedHead => Tuning.LinearProbe is not null;

    /// <summary>Whether there are rows to measure on.</summary>
    public bool Validates => _run.Validation is not null;

    /// <summary>The rows by which pseudo-labels are weighed: those to measure on where there are some, else the labelled ones.</summary>
    public EncodedTexts Guiding => _run.Validation ?? Labeled;

    /// <summary>All that trains.</summary>
    public IReadOnlyList<Tensor> Trainable => [.. Adapter.Trainable.Select(parameter => parameter.Parameter)];

    /// <summary>The texts without labels.</summary>
    public TextBatches Unlabeled => _run.Unlabeled ?? Labeled.Batches.Rows([]);

    /// <summary>Their true classes, −1 where not known; null where none is.</summary>
    public int[]? TrueLabels => Tuning.Unlabeled?.Labels;

    private PeftAdapter Adapter => _run.Adapter;

    private TrainingMode Mode => new(Adapter.Model, Adapter);

    /// <summary>The options of a phase: its own, or those of the training on labelled rows.</summary>
    public TrainingOptions Phase(TrainingOptions? own) => (own ?? Tuning.Training).ForPhase(Tuning.Training);

    /// <summary>To be called in every loop; throws to stop.</summary>
    public void CheckAlive()
    {
        Tuning.Training.CancellationToken.ThrowIfCancellationRequested();
        Tuning.CheckAlive?.Invoke();
    }

    public void Inform(string line) => Tuning.Inform?.Invoke(line);

    /// <summary>Makes one stage of several, which are done again together when they are cut off; a training within them goes on from its own checkpoint.</summary>
    public void Once(Action work) => Once(() =>
    {
        work();
        return true;
    });

    /// <summary>The same for stages that give a value, such as what was learnt; JSON has to be able to hold it.</summary>
    public T Once<T>(Func<T> work) => _journal.Change("stages", work);

    /// <summary>Trains the model, as it is, on labelled rows.</summary>
    public void Train(EncodedTexts rows, TrainingOptions options) => _journal.Change("training", () =>
        _run.Session.Train(Adapter, rows, _run.Validation, options, Tuning.Callbacks, Tuning.Observers, _journal.TrainingStore()).Steps);

    /// <summary>Trains the model, as it is, on the labelled rows.</summary>
    public void TrainOnLabeled() => Train(Labeled, Phase(null));

    /// <summary>Trains the model, as it is, on another objective than labels.</summary>
    /// <param name="texts">The texts that the objective's rows number.</param>
    /// <param name="objective">Makes the objective of a function that gives the logits of rows.</param>
    /// <param name="options">How to train.</param>
    /// <param name="callbacks">Further parts of the loop.</param>
    public void Train(TextBatches texts, Func<Func<int[], Tensor>, ITrainingObjective> objective, TrainingOptions options, params IReadOnlyList<ITrainingCallback> callbacks) =>
        _journal.Change("training", () => TrainOn(texts, objective, options, callbacks).Steps);

    private TrainingResult TrainOn(TextBatches texts, Func<Func<int[], Tensor>, ITrainingObjective> objective, TrainingOptions options, IReadOnlyList<ITrainingCallback> callbacks)
    {
        PeftTraining? training = Adapter.Method.CreateTraining(Adapter);
        TrainingMode mode = Mode;
        mode.Train();
        Func<TextBatches, int[], Tensor> logits = _run.Session.Logits(Adapter, options);
        ITrainingObjective loss = objective(rows => logits(texts, rows));
        return TrainingLoop.Run(new TrainingTask
        {
            Groups = _run.Session.Groups(Adapter, Adapter.Trainable, options),
            Objective = training is null ? loss : new PenalizedObjective(loss, training.Penalty),
            DefaultLearningRate = _run.Session.DefaultLearningRate(Adapter.Method),
            Sampler = new LengthBucketedSampler(texts.Lengths, options.BatchSize, Tuning.Seed),
            Validator = _run.Validation is null ? null : _run.Session.Validator(mode, logits, _run.Validation, options),
            Callbacks = [.. training is null ? [] : new[] { training }, .. Tuning.Callbacks, .. callbacks],
            Observers = Tuning.Observers,
            Seed = Tuning.Seed,
            CheckAlive = CheckAlive,
            CheckpointStore = _journal.TrainingStore(),
        }, options);
    }

    /// <summary>The mean loss over some labelled rows, in whatever mode the model is.</summary>
    public Tensor Loss(EncodedTexts texts, int[] rows) => _run.Session.Loss(texts.Rows(rows), [.. Enumerable.Range(0, rows.Length)]);

    /// <summary>Runs something in evaluation mode and returns to training.</summary>
    public T Evaluate<T>(Func<T> evaluate) => Mode.Evaluate(evaluate);

    /// <summary>Begins anew from the original encoder, with the head that there was before all training.</summary>
    public void Restart()
    {
        if (_journal.Replaying)
            return;
        _journal.Restore();
        _run.Restart(_start);
        _journal.ModelChanged();
    }

    /// <summary>Begins anew with another encoder or fine-tuning method; all that was trained is gone.</summary>
    public void Switch(FineTuneTask tuning)
    {
        _journal.Restore();
        FineTuneRun next = Begin(tuning, out AdapterState start);
        Dispose();
        (_run, _start, _best, _bestMetric, _good) = (next, start, null, double.NegativeInfinity, null);
        _journal.ModelChanged();
    }

    /// <summary>Hands over the model: the best that was remembered, or the last where none was.</summary>
    public TextClassifier ToClassifier()
    {
        _journal.Finish();
        if (_best is not null)
            _best.CopyTo(Adapter);
        return _run.ToClassifier();
    }

    public void Dispose()
    {
        _best?.Dispose();
        _good?.Dispose();
        _start.Dispose();
        _run.Dispose();
    }

    private static FineTuneRun Begin(FineTuneTask tuning, out AdapterState start)
    {
        FineTuneRun run = FineTuneRun.Start(tuning);
        try
        {
            run.Attach();
            LinearProbe.Apply(run);
            start = AdapterState.Of(run.Adapter);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }
}
