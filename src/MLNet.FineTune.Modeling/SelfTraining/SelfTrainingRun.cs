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
    /// <summary>By which cosines of neighbours are divided: one nearer by 0.1 counts e times as much.</summary>
    private const double NeighborTemperature = 0.1;

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

    /// <summary>The embeddings of some texts, with their gradients, and the logits made of them, in whatever mode the model is.</summary>
    /// <returns>float32 [rows, width] and [rows, classes].</returns>
    public (Tensor Embeddings, Tensor Logits) Embed(TextBatches texts, int[] rows)
    {
        using EncoderInput input = texts.Input(rows);
        var head = (IClassifierHead)Adapter.Model.Head;
        Tensor embeddings = head.Embed(Adapter.Model.Encode(input), input);
        return (embeddings, head.Classify(embeddings));
    }

    /// <summary>The mean loss over some labelled rows, in whatever mode the model is.</summary>
    public Tensor Loss(EncodedTexts texts, int[] rows) => _run.Session.Loss(texts.Rows(rows), [.. Enumerable.Range(0, rows.Length)]);

    /// <summary>Runs something in evaluation mode and returns to training.</summary>
    public T Evaluate<T>(Func<T> evaluate) => Mode.Evaluate(evaluate);

    /// <summary>Pseudo-labels from elsewhere than the model.</summary>
    public PseudoLabels Label(Func<PseudoLabels> work) => _journal.Labels("labels", work);

    /// <summary>What the model, as it is, takes texts for.</summary>
    public PseudoLabels Predict(TextBatches texts, double temperature = 1) => _journal.Labels("predictions", () => PseudoLabels.FromLogits(
        Mode.Evaluate(() => _run.Session.Scores(_run.Session.Forward, texts, Tuning.Training.BatchSize, CheckAlive)), ClassCount, temperature));

    /// <summary>The same with dropout as in training: each call gives another prediction.</summary>
    public PseudoLabels PredictWithDropout(TextBatches texts) => _journal.Labels("predictions with dropout", () =>
    {
        Mode.Train();
        return PseudoLabels.FromLogits(_run.Session.Scores(_run.Session.Forward, texts, Tuning.Training.BatchSize, CheckAlive), ClassCount);
    });

    /// <summary>What the labelled texts nearest to those without labels say of them.</summary>
    public PseudoLabels AskNeighbors(int count) => _journal.Labels("neighbours", () =>
    {
        int width = ((IClassifierHead)Adapter.Model.Head).Width;
        return Mode.Evaluate(() =>
        {
            var labeled = new float[Labeled.Count * width];
            Labeled.Batches.Score(rows => Embed(Labeled.Batches, rows).Embeddings, Tuning.Training.BatchSize, labeled, CheckAlive);
            // Batch by batch: the embeddings of all texts are much more than what is kept of them.
            var probabilities = new float[Unlabeled.Count * ClassCount];
            Unlabeled.Score(rows => tensor(
                NeighborLabels.Of(Embed(Unlabeled, rows).Embeddings.to(ScalarType.Float32).cpu().data<float>().ToArray(), labeled, Labeled.Labels, width, ClassCount, count, NeighborTemperature).Probabilities,
                [rows.Length, ClassCount]), Tuning.Training.BatchSize, probabilities, CheckAlive);
            return new PseudoLabels(probabilities, ClassCount);
        });
    });

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

    /// <summary>Returns to the model whose labels were good last, where they have collapsed; to be called within <see cref="Once"/> when it was changed since.</summary>
    public void ReturnToGood() => _good!.CopyTo(Adapter);

    /// <summary>Whether the kept labels have collapsed, so that they are not to be learnt from; the user is told, and the model is the one again whose labels were good last, in the first round this one.</summary>
    /// <param name="round">The round, from 1.</param>
    /// <param name="labels">All pseudo-labels.</param>
    /// <param name="kept">Those to be kept.</param>
    /// <param name="trueLabels">True classes of the texts, −1 where not known; null where none is.</param>
    public bool Collapsed(int round, PseudoLabels labels, int[] kept, int[]? trueLabels) => _journal.Value("alarm", () =>
    {
        string? collapse = _alarm.Check(labels.CountPerClass(kept));
        if (collapse is null || _good is null)
        {
            _good?.Dispose();
            _good = AdapterState.Of(Adapter);
        }
        _journal.ModelChanged();
        if (collapse is null)
            return false;
        ReturnToGood();
        Inform($"Round {round}: self-training stops with the last model whose labels were good, as they have collapsed: {collapse}.");
        Report(round, labels, kept, trueLabels, metric: null, collapsed: true);
        return true;
    });

    /// <summary>Measures the model, remembers it where it is the best so far, and reports.</summary>
    /// <inheritdoc cref="Collapsed"/>
    public void EndRound(int round, PseudoLabels labels, int[] kept, int[]? trueLabels) => _journal.Value("round", () =>
    {
        Report(round, labels, kept, trueLabels, Remember(), collapsed: false);
        return round;
    });

    /// <summary>Measures the model on the validation rows and keeps a copy where it is the best so far.</summary>
    /// <returns>The metric; null without validation rows.</returns>
    public double? Remember() => _journal.Value("measure", Measure);

    private double? Measure()
    {
        if (_run.Validation is null)
            return null;
        double metric = Mode.Evaluate(() => _run.Session.Measure(_run.Validation));
        if (_best is null || metric > _bestMetric)
        {
            _best?.Dispose();
            (_best, _bestMetric) = (AdapterState.Of(Adapter), metric);
            _journal.ModelChanged();
        }
        return ClassificationMetrics.HigherIsBetter(Tuning.Training.ValidationMetric) ? metric : -metric;
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

    private void Report(int round, PseudoLabels labels, int[] kept, int[]? trueLabels, double? metric, bool collapsed)
    {
        int[] known = trueLabels is null ? [] : [.. kept.Where(row => trueLabels[row] >= 0)];
        double? accuracy = known.Length == 0 ? null : known.Count(row => labels.Label(row) == trueLabels![row]) / (double)known.Length;
        int[] counts = labels.CountPerClass(kept);
        Inform(FormattableString.Invariant(
            $"Round {round}: {kept.Length} of {labels.Count} pseudo-labels kept, by class {string.Join(", ", counts)}{(accuracy is { } a ? $", {a:P1} of them right" : "")}{(metric is { } m ? $"; {Tuning.Training.ValidationMetric} {m:F4}" : "")}."));
        Tell(new SelfTrainingProgress(round, labels.Count, kept.Length, counts, accuracy, metric, collapsed, _alarm.Drift));
    }

    private void Tell(SelfTrainingProgress report)
    {
        _reports.Add(report);
        _task.Progress?.Report(report);
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
