using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Losses;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>A model and the task it is fine-tuned for: adapters are trained and measured on it, one after the other.</summary>
internal sealed class FineTuneSession(FineTuneTask task, PretrainedEncoder encoder, TaskModel model) : IDisposable
{
    private readonly HiddenStateCaches? _states = task.FrozenStates is null && task.Training.FrozenStateMegabytes > 0 ? new HiddenStateCaches((long)task.Training.FrozenStateMegabytes << 20, alone: task.Training.CheckpointDirectory is not null) : null;

    public FineTuneTask Task => task;

    public TaskModel Model => model;

    /// <summary>Trains an attached adapter.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="train">Rows to learn.</param>
    /// <param name="validation">Rows to measure on; null for none.</param>
    /// <param name="options">How to train.</param>
    /// <param name="callbacks">Further parts of the loop.</param>
    /// <param name="observers">Parts that only look on.</param>
    /// <param name="checkpoints">Where checkpoints lie; null for the folder that the options name, if they do.</param>
    public TrainingResult Train(
        PeftAdapter adapter, EncodedTexts train, EncodedTexts? validation, TrainingOptions options,
        IReadOnlyList<ITrainingCallback>? callbacks = null, IReadOnlyList<ITrainingCallback>? observers = null,
        ICheckpointStore? checkpoints = null)
    {
        using SoftmaxCrossEntropy loss = Loss(options, train);
        PeftTraining? training = adapter.Method.CreateTraining(adapter);
        var mode = new TrainingMode(model, adapter);
        mode.Train();
        using ConsistencyTraining? consistency = task.Consistency?.CreateTraining(adapter, run => mode.Evaluate(() => { run(); return true; }));
        Func<TextBatches, int[], Tensor> logits = Logits(adapter, options);
        Func<TextBatches, int[], Tensor> learnt = consistency is { ChangesWords: true } ? Forward : logits;
        return TrainingLoop.Run(new TrainingTask
        {
            Groups = Groups(adapter, adapter.Trainable, options),
            Objective = Objective(rows => learnt(train.Batches, rows), train, loss, training is null ? null : training.Penalty, consistency),
            ObjectiveFingerprint = task.Consistency?.Format() ?? "",
            DefaultLearningRate = DefaultLearningRate(adapter.Method),
            Sampler = new LengthBucketedSampler(train.Batches.Lengths, options.BatchSize, task.Seed),
            Validator = validation is null ? null : Validator(mode, logits, validation, options),
            Callbacks = [.. Present(training), .. Present(consistency), .. callbacks ?? []],
            Observers = observers ?? [],
            Seed = task.Seed,
            DataFingerprint = Fingerprint(train),
            CheckpointStore = checkpoints,
            CheckAlive = task.CheckAlive,
        }, options);
    }

    /// <summary>Computes what the task's shared hidden states lack of some rows below what an adapter trains; does nothing where the task shares none.</summary>
    public void KeepStates(PeftAdapter adapter, params IReadOnlyList<EncodedTexts> data)
    {
        if (task.FrozenStates is not { } states || FrozenLayerModel.Create(adapter, states) is not { } frozen)
            return;
        new TrainingMode(model, adapter).Evaluate(() =>
        {
            foreach (EncodedTexts rows in data)
                frozen.Fill(rows.Batches, task.CheckAlive);
            return true;
        });
    }

    /// <summary>The model above the layers that an adapter leaves as they are, for rows that come more than once; null where there are none or their outputs are not to be kept.</summary>
    public FrozenLayerModel? Frozen(PeftAdapter adapter) => (task.FrozenStates ?? _states) is { } states ? FrozenLayerModel.Create(adapter, states) : null;

    /// <summary>What measures the model on validation rows while it trains.</summary>
    /// <param name="mode">Switches to evaluation and back.</param>
    /// <param name="logits">The logits of some rows.</param>
    /// <param name="validation">The rows.</param>
    /// <param name="options">Metric and batch size.</param>
    public IValidator Validator(TrainingMode mode, Func<TextBatches, int[], Tensor> logits, EncodedTexts validation, TrainingOptions options)
    {
        return validation.Targets is { } targets
            ? new RegressionValidator(check => Restored(Evaluated(check)), targets, options.ValidationMetric)
            : validation.Tags is not null ? new WordValidator(check => mode.Evaluate(() => WordScores(logits, validation.Batches, options.BatchSize, check)), validation, task.ClassCount, task.ClassKeys, options.ValidationMetric)
            : validation.Answers is { } answers ? new AnswerValidator(check => mode.Evaluate(() => WordScores(logits, validation.Batches, options.BatchSize, check)), answers, task.Answers!, options.ValidationMetric)
            : new ClassificationValidator(Evaluated, validation.Labels, task.ClassCount, options.ValidationMetric);

        float[] Evaluated(Action check) => mode.Evaluate(() => Scores(logits, validation.Batches, options.BatchSize, check));
    }

    /// <summary>The numbers that outputs stand for while the model is trained.</summary>
    private float[] Restored(float[] outputs) => [.. outputs.Select(task.Scale!.Restored)];

    /// <summary>Parameters of an adapter in groups of one rate and decay.</summary>
    public IReadOnlyList<ParameterGroup> Groups(PeftAdapter adapter, IEnumerable<AdapterParameter> parameters, TrainingOptions options) => ParameterGroups.Build(
        parameters.Select(p => (p.Name, p.Parameter, Depth(p))), options, model.Encoder.Config.PhysicalLayerCount, parameters.ToDictionary(p => p.Name, p => adapter.Method.LearningRateScale(p) * HeadScale(adapter.Method, p)));

    /// <summary>The head of a prompt is pretrained: it stands the rate of full fine-tuning, but not that of fresh modules.</summary>
    private double HeadScale(PeftMethod method, AdapterParameter parameter) =>
        model.Head is PromptHead && encoder.HasWeights && parameter.Name.StartsWith("head.", StringComparison.Ordinal)
            ? Math.Min(1, DefaultLearningRate(new FullFineTuning()) / DefaultLearningRate(method)) : 1;

    /// <summary>Whether the encoder was trained before.</summary>
    public bool HasPretrainedWeights => encoder.HasWeights;

    /// <summary>The peak rate where the options give none. Random weights have farther to go than pretrained ones.</summary>
    public double DefaultLearningRate(PeftMethod method) => !encoder.HasWeights ? 5e-4 : method.DefaultLearningRateFor(model.Encoder.Config);

    /// <summary>The mean loss over some rows, in whatever mode the model is.</summary>
    public Tensor Loss(EncodedTexts data, int[] rows)
    {
        using SoftmaxCrossEntropy loss = Loss(task.Training, data);
        return Objective(batch => Forward(data.Batches, batch), data, loss, penalty: null).Loss(rows);
    }

    /// <summary>The validation metric of the model as it is; larger is better, so that a loss is negated.</summary>
    public double Measure(EncodedTexts data)
    {
        bool training = model.training;
        model.eval();
        ValidationMetric metric = task.Training.ValidationMetric;
        float[] scores = data.Tags is not null || data.Answers is not null ? [] : Scores(Forward, data.Batches, task.Training.BatchSize, task.CheckAlive);
        double value = data.Tags is not null ? WordMetrics.Compute(metric, WordScores(Forward, data.Batches, task.Training.BatchSize, task.CheckAlive), data, task.ClassCount, task.ClassKeys)
            : data.Answers is { } answers ? AnswerMetrics.Compute(metric, WordScores(Forward, data.Batches, task.Training.BatchSize, task.CheckAlive), answers, task.Answers!)
            : data.Targets is { } targets ? RegressionMetrics.Compute(metric, Restored(scores), targets)
            : data.LabelSets is { } sets ? LabelSetMetrics.Compute(metric, new LabelRule(0.5f).ApplyAll(scores, task.ClassCount), sets, task.ClassCount, 0.5f)
            : ClassificationMetrics.Compute(metric, scores, data.Labels, task.ClassCount);
        model.train(training);
        return ClassificationMetrics.HigherIsBetter(metric) ? value : -value;
    }

    /// <summary>The tokens of a text, without special ones around it.</summary>
    public int[] Tokenize(string text) => [.. encoder.Tokenizer.Tokenize(encoder.LowerCase ? TextInputs.Lower(text) : text).Select(token => token.Id)];

    private ITrainingObjective Objective(Func<int[], Tensor> logits, EncodedTexts data, SoftmaxCrossEntropy loss, Func<Tensor?>? penalty, ConsistencyTraining? consistency = null) =>
        data.Tags is not null ? new TaggingObjective(logits, data, loss, penalty, consistency)
        : data.Answers is not null ? new AnswerObjective(logits, data, loss, penalty)
        : data.Targets is { } targets ? new RegressionObjective(logits, targets, task.Scale!, data.Weights, penalty, consistency)
        : data.LabelSets is { } sets ? new LabelSetObjective(logits, sets, task.ClassCount, data.Weights, penalty, consistency)
        : new ClassificationObjective(logits, data.Labels, loss, data.Weights, penalty, consistency);

    private static IEnumerable<ITrainingCallback> Present(ITrainingCallback? callback) => callback is null ? [] : [callback];

    private SoftmaxCrossEntropy Loss(TrainingOptions options, EncodedTexts data) => new(options.LabelSmoothing, ClassWeights.FromOptions(options, data.Tags is null ? data.Labels : [.. data.AllLabels], task.ClassCount));

    /// <summary>The logits of rows to train on: through the whole model, or above the layers that the adapter leaves as they are, where rows come more than once.</summary>
    public Func<TextBatches, int[], Tensor> Logits(PeftAdapter adapter, TrainingOptions options)
    {
        bool again = options.MaxSteps is not null || options.Epochs > 1;
        return Logits(adapter, again ? task.FrozenStates ?? _states : task.FrozenStates);
    }

    private Func<TextBatches, int[], Tensor> Logits(PeftAdapter adapter, HiddenStateCaches? states) =>
        states is not null && FrozenLayerModel.Create(adapter, states) is { } frozen ? frozen.Forward : Forward;

    /// <summary>The logits of some rows, in whatever mode the model is.</summary>
    public Tensor Forward(TextBatches batches, int[] rows)
    {
        using EncoderInput input = batches.Input(rows);
        return model.Forward(input);
    }

    /// <summary>The logits of all rows, row-major [rows, classes].</summary>
    public float[] Scores(Func<TextBatches, int[], Tensor> logits, TextBatches batches, int batchSize, Action? checkAlive)
    {
        var scores = new float[batches.Count * task.ClassCount];
        batches.Score(rows => logits(batches, rows), batchSize, scores, checkAlive);
        return scores;
    }

    /// <summary>The logits of the words of all rows, or of the places where answers are looked for.</summary>
    private float[][] WordScores(Func<TextBatches, int[], Tensor> logits, TextBatches batches, int batchSize, Action? checkAlive) =>
        batches.ScoreWords(rows => logits(batches, rows), batchSize, task.ClassCount, checkAlive);

    public void Dispose() => _states?.Dispose();

    /// <summary>0 for embeddings, 1 and up for layers, null above the encoder.</summary>
    private static int? Depth(AdapterParameter parameter) =>
        parameter.Layer + 1 ?? ($".{parameter.Name}".Contains(".encoder.", StringComparison.Ordinal) ? 0 : null);

    /// <summary>A digest of the encoder, the words that stand for classes and the rows; a checkpoint of others is refused.</summary>
    public string Fingerprint(EncodedTexts data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(encoder.Origin));
        foreach ((string name, string[] words) in (task.Prompt?.LabelWords ?? new Dictionary<string, string[]>()).OrderBy(item => item.Key, StringComparer.Ordinal))
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{name}: {string.Join(' ', words)}\n"));
        data.Batches.AppendTo(hash);
        hash.AppendData(MemoryMarshal.AsBytes(data.Labels.AsSpan()));
        if (data.Targets is not null)
            hash.AppendData(MemoryMarshal.AsBytes(data.Targets.AsSpan()));
        foreach (int[] tags in data.Tags ?? [])
            hash.AppendData(MemoryMarshal.AsBytes<int>([tags.Length, .. tags]));
        foreach (AnswerWindow answer in data.Answers ?? [])
            hash.AppendData(MemoryMarshal.AsBytes<int>([answer.Start, answer.End]));
        foreach (int[] set in data.LabelSets ?? [])
            hash.AppendData(MemoryMarshal.AsBytes<int>([set.Length, .. set]));
        if (data.Weights is not null)
            hash.AppendData(MemoryMarshal.AsBytes(data.Weights.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
