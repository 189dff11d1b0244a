using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class CosineObjectiveTests
{
    private static readonly Cosine Method = new() { ConfidenceThreshold = 0, ContrastiveWeight = 0 };

    /// <summary>What a text is to learn does not depend on the texts that come into a batch with it: these are of similar length.</summary>
    [TestMethod]
    public void TheLossOfABatchIsTheMeanOfThoseOfItsRows()
    {
        SelfTrainingTask task = SelfTrainingTexts.Task(Method);
        using var run = new SelfTrainingRun(task);
        TextBatches texts = run.Labeled.Batches.Concat(run.Unlabeled);
        int[] rows = [0, 1, 20, 22, 31];
        float[] single = [.. rows.Select(row => Loss(run, Method, texts, [row]))];
        Assert.AreEqual(single.Average(), Loss(run, Method, texts, rows), 1e-5);
        Assert.IsGreaterThan(1e-4f, single.Max() - single.Min());
    }

    [TestMethod]
    public void TrustedLabelsHaveTheirWeights()
    {
        SelfTrainingTask task = SelfTrainingTexts.Task(Method);
        float[] weights = [.. SelfTrainingTexts.Labeled.Labels.Select((_, row) => row == 3 ? 0.25f : 1)];
        using var plain = new SelfTrainingRun(task);
        using var weighted = new SelfTrainingRun(task with { Tuning = task.Tuning with { Data = SelfTrainingTexts.Labeled with { Weights = weights } } });
        float Own(SelfTrainingRun run, bool trust, int row) =>
            Loss(run, Method with { TrustLabels = trust, ConfidenceWeight = 0 }, run.Labeled.Batches.Concat(run.Unlabeled), [row]);
        Assert.AreEqual(0.25f * Own(plain, trust: true, 3), Own(weighted, trust: true, 3), 1e-6);
        Assert.AreEqual(Own(plain, trust: true, 4), Own(weighted, trust: true, 4));
        Assert.AreEqual(Own(plain, trust: false, 3), Own(weighted, trust: false, 3));
    }

    private static float Loss(SelfTrainingRun run, Cosine method, TextBatches texts, int[] rows)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var objective = new CosineObjective(method, run, texts) { Targets = CosineTargets.Of(run.Predict(texts), method.Power) };
        return objective.Loss(rows).item<float>();
    }
}
