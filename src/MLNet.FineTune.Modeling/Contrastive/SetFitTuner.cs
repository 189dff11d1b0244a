using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>Makes a classifier of few labelled texts in two phases: the encoder learns to tell their classes apart by pairs, then a head is fitted on its embeddings (SetFit, Tunstall et al. 2022, arXiv 2209.11055).</summary>
internal static class SetFitTuner
{
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    public static TextClassifier Fit(SetFitTask task) => Fit(task, out _);

    /// <summary>Makes a classifier and tells the head that is in it.</summary>
    /// <inheritdoc cref="Fit(SetFitTask)"/>
    public static TextClassifier Fit(SetFitTask task, out LinearHead head)
    {
        using FineTuneRun run = FineTuneRun.Start(task.Tuning, task.Normalize);
        PeftAdapter adapter = run.Attach();
        var model = new EmbeddingModel(adapter);
        TrainContrastively(task, run, model);
        adapter = run.Finish();
        model = new EmbeddingModel(adapter);
        head = task.Head.Fit(model.Embed(run.Rows, task.Tuning), task.Tuning.CheckAlive);
        model.SetHead(head);
        return run.ToClassifier();
    }

    private static void TrainContrastively(SetFitTask task, FineTuneRun run, EmbeddingModel model)
    {
        PeftAdapter adapter = run.Adapter;
        AdapterParameter[] trained = [.. adapter.Trainable.Where(p => !p.Name.StartsWith("head.", StringComparison.Ordinal))];
        if (trained.Length == 0)
            return;
        TrainingOptions options = task.Tuning.Training;
        LabelRelation relation = run.Rows.LabelSets is { } sets ? LabelRelation.Of(sets, task.Tuning.ClassCount) : LabelRelation.Of(run.Rows.Labels, task.Tuning.ClassCount);
        PairPlan plan = PairPlan.Create(relation, task.Pairs, options.BatchSize, task.Tuning.Seed);
        PeftTraining? training = adapter.Method.CreateTraining(adapter);
        model.Mode.Train();
        TrainingLoop.Run(new TrainingTask
        {
            Groups = run.Session.Groups(adapter, trained, options),
            Objective = new ContrastiveObjective(rows => model.Embed(run.Rows.Batches, rows), relation, plan, task.Loss, training is null ? null : training.Penalty),
            DefaultLearningRate = run.Session.DefaultLearningRate(adapter.Method),
            Sampler = plan,
            Validator = run.Validation is null ? null : new HeadValidator(task, run, model),
            Callbacks = [.. training is null ? [] : new[] { training }, .. task.Tuning.Callbacks],
            Observers = task.Tuning.Observers,
            Seed = task.Tuning.Seed,
            DataFingerprint = run.Session.Fingerprint(run.Rows),
            CheckAlive = task.Tuning.CheckAlive,
        }, options);
    }

    /// <summary>Measures the classifier that the embeddings, as they are now, would make.</summary>
    private sealed class HeadValidator(SetFitTask task, FineTuneRun run, EmbeddingModel model) : IValidator
    {
        private readonly ValidationMetric _metric = task.Tuning.Training.ValidationMetric;

        public bool HigherIsBetter => ClassificationMetrics.HigherIsBetter(_metric);

        public double Evaluate(Action checkAlive) => model.Mode.Evaluate(() =>
        {
            LinearHead head = task.Head.Fit(model.Embed(run.Rows, task.Tuning), checkAlive);
            float[] logits = head.Score(model.Embed(run.Validation!, task.Tuning).Values);
            int classes = task.Tuning.ClassCount;
            return head.Rule is { } rule
                ? LabelSetMetrics.Compute(_metric, rule.ApplyAll(logits, classes), run.Validation!.LabelSets!, classes, rule.Threshold)
                : ClassificationMetrics.Compute(_metric, logits, run.Validation!.Labels, classes);
        });
    }
}
