using System.Diagnostics;
using MLNet.FineTune.Benchmarks.FewShot;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Contrastive;

/// <summary>One epoch of SetFit's first phase by two ways with the same encoder, texts, number of pairs, texts a step, loss and optimiser.</summary>
internal static class ContrastiveSuite
{
    private const int TextsPerStep = 32;

    public static void Run(ContrastiveSettings settings)
    {
        TextRow[] rows = ShotSampler.Draw(TsvDataSet.Read(settings.Data, settings.DataSet).Train, settings.Shots, seed: 0, maximum: null);
        string[] classes = [.. rows.Select(row => row.Label).Distinct().Order(StringComparer.Ordinal)];
        using FineTuneRun run = FineTuneRun.Start(new FineTuneTask
        {
            Encoder = settings.Encoder,
            Peft = new FullFineTuning(),
            Training = new TrainingOptions { Epochs = 1, LearningRate = 2e-5 },
            Data = new LabelledTexts([.. rows.Select(row => new TextInput(row.Text))], [.. rows.Select(row => Array.IndexOf(classes, row.Label))]),
            ClassCount = classes.Length,
            Device = CPU,
        }, normalize: _ => false);
        PeftAdapter adapter = run.Attach();
        var model = new EmbeddingModel(adapter);
        var loss = new CosineSimilarityLoss();
        LabelRelation relation = LabelRelation.Of(run.Rows.Labels, classes.Length);
        PairPlan plan = PairPlan.Create(relation, new PairSampling { Iterations = settings.Iterations }, TextsPerStep, seed: 1);
        var pairwise = new PairwiseSampler(relation, settings.Iterations, TextsPerStep / 2);
        Tensor Embed(int[] texts) => model.Embed(run.Rows.Batches, texts);

        double Seconds(ITrainingObjective objective, IBatchSampler sampler)
        {
            model.Mode.Train();
            var watch = Stopwatch.StartNew();
            TrainingLoop.Run(new TrainingTask
            {
                Groups = run.Session.Groups(adapter, adapter.Trainable.Where(p => !p.Name.StartsWith("head.", StringComparison.Ordinal)), run.Task.Training),
                Objective = objective,
                Sampler = sampler,
            }, run.Task.Training);
            return watch.Elapsed.TotalSeconds;
        }

        // Memory taken from the system for the first time costs an epoch of nine steps as much as half of them; neither way shall pay it.
        using IDisposable heap = NativeHeap.KeepFreed();
        var together = new List<double>();
        var apart = new List<double>();
        for (int round = 0; round <= settings.Rounds; round++)
        {
            double once = Seconds(new ContrastiveObjective(Embed, relation, plan, loss), plan), twice = Seconds(new PairwiseObjective(Embed, relation, loss), pairwise);
            Report.Progress($"round {round}: {once:F2} s, {twice:F2} s");
            if (round == 0)
                continue; // code is compiled, memory is there
            together.Add(once);
            apart.Add(twice);
        }
        double pairs = 2.0 * settings.Iterations * relation.Count, ours = pairs / Statistics.Median(together), theirs = pairs / Statistics.Median(apart);
        var report = new Report("contrastive");
        report.Add("each-text-once", ours, "pairs/s", ("seconds", Statistics.Median(together)), ("texts", relation.Count), ("pairs", pairs), ("steps", plan.BatchesPerEpoch), ("encoded", plan.Batches(0).Sum(batch => batch.Length)), ("ratio", ours / theirs));
        report.Add("both-sides", theirs, "pairs/s", ("seconds", Statistics.Median(apart)), ("texts", relation.Count), ("pairs", pairs), ("steps", pairwise.BatchesPerEpoch), ("encoded", 2 * pairs));
        report.PrintTable();
    }
}
