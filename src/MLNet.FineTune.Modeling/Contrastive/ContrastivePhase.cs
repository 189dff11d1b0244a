using System.Globalization;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>The first phase: an adapter is trained so that texts of one class come to lie together.</summary>
internal static class ContrastivePhase
{
    /// <summary>Trains the attached adapter; does nothing where it trains no more than the head.</summary>
    public static void Train(SetFitTask task, FineTuneRun run, ICheckpointStore? checkpoints)
    {
        FineTuneTask tuning = task.Tuning;
        TrainingOptions options = tuning.Training;
        PeftAdapter adapter = run.Adapter;
        if (!adapter.TrainsEncoder)
            return;
        var model = new EmbeddingModel(adapter, run.Session.Frozen(adapter));
        PeftTraining? training = adapter.Method.CreateTraining(adapter);
        (PairPlan plan, ITrainingObjective objective) = Objective(task, run, model, training is null ? null : training.Penalty);
        tuning.Inform?.Invoke(string.Create(CultureInfo.InvariantCulture, $"Contrastive training: {run.Rows.Count} texts, {plan.BatchesPerEpoch} steps an epoch."));

        model.Mode.Train();
        TrainingLoop.Run(new TrainingTask
        {
            Groups = run.Session.Groups(adapter, adapter.TrainableInEncoder, options),
            Objective = objective,
            DefaultLearningRate = run.Session.HasPretrainedWeights ? DefaultLearningRate(adapter.Method) : run.Session.DefaultLearningRate(adapter.Method),
            Sampler = plan,
            Validator = run.Validation is null ? null : new HeadValidator(task, run, model),
            Callbacks = [.. training is null ? [] : new[] { training }, .. tuning.Callbacks],
            Observers = tuning.Observers,
            Seed = tuning.Seed,
            DataFingerprint = $"{run.Session.Fingerprint(run.Rows)} {task.Teacher?.Fingerprint ?? task.Loss.Format()} {task.Pairs}",
            CheckAlive = tuning.CheckAlive,
            CheckpointStore = checkpoints,
        }, options);
    }

    private static (PairPlan Plan, ITrainingObjective Objective) Objective(SetFitTask task, FineTuneRun run, EmbeddingModel model, Func<Tensor?>? penalty)
    {
        FineTuneTask tuning = task.Tuning;
        Tensor Embed(int[] rows) => model.Embed(run.Rows.Batches, rows);
        if (task.Teacher is { } teacher)
        {
            PairPlan pairs = DistillationObjective.Plan(run.Rows.Count, task.Pairs, tuning.Training.BatchSize, tuning.Seed);
            return (pairs, new DistillationObjective(Embed, teacher, pairs, penalty));
        }
        LabelRelation relation = run.Rows.LabelSets is { } sets ? LabelRelation.Of(sets, tuning.ClassCount) : LabelRelation.Of(run.Rows.Labels, tuning.ClassCount);
        PairPlan plan = PairPlan.Create(relation, task.Pairs, tuning.Training.BatchSize, tuning.Seed);
        return (plan, new ContrastiveObjective(Embed, relation, plan, task.Loss, penalty));
    }

    /// <summary>
    /// 2e-5 for a whole encoder, as sentence-transformers has it, and in proportion for other methods. Small encoders stand higher
    /// rates, but a few texts seen often then spoil what the encoder knows of all others. Random weights know nothing, and learn at the rate of any other training.
    /// </summary>
    private static double DefaultLearningRate(PeftMethod method) => 0.4 * method.DefaultLearningRate;

    /// <summary>Measures the classifier that the embeddings, as they are now, would make.</summary>
    private sealed class HeadValidator(SetFitTask task, FineTuneRun run, EmbeddingModel model) : IValidator
    {
        private readonly ValidationMetric _metric = task.Tuning.Training.ValidationMetric;

        public bool HigherIsBetter => ClassificationMetrics.HigherIsBetter(_metric);

        public double Evaluate(Action checkAlive) => model.Mode.Evaluate(() =>
        {
            LinearHead head = task.Head.Fit(task.HeadRows(model.Embed(run.Rows, task.Tuning)), validation: null, checkAlive);
            float[] logits = head.Score(model.Embed(run.Validation!, task.Tuning).Values);
            int classes = task.Tuning.ClassCount;
            return head.Rule is { } rule
                ? LabelSetMetrics.Compute(_metric, rule.ApplyAll(logits, classes), run.Validation!.LabelSets!, classes, rule.Threshold)
                : ClassificationMetrics.Compute(_metric, logits, run.Validation!.Labels, classes);
        });
    }
}
