using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class ValidationTests
{
    [TestMethod]
    [DataRow(true, new[] { 0.5, 0.7, 0.6, 0.7, 0.65, 0.9 }, 5, 0.7)] // a tie is no improvement
    [DataRow(false, new[] { 0.9, 0.4, 0.5, 0.6, 0.7 }, 5, 0.4)]
    [DataRow(true, new[] { 0.5, double.NaN, 0.4, 0.3, 0.9 }, 4, 0.5)]
    [DataRow(true, new[] { double.NaN, 0.4, 0.3, 0.2, 0.1 }, 5, 0.4)] // anything beats NaN
    public void StopsWhenPatienceIsUsedUpAndRestoresTheBest(bool higherIsBetter, double[] metrics, int evaluations, double best)
    {
        using var toy = new Toy();
        var validator = new ScriptedValidator(higherIsBetter, metrics);
        var weights = new List<float[]>();
        var recorder = new Recorder { AfterStep = state => { if (state.Step % 4 == 0) weights.Add(toy.Weights()); } };
        TrainingResult result = TrainingLoop.Run(
            toy.Task(validator: validator, callbacks: [recorder]),
            new TrainingOptions { Epochs = 20, LearningRate = 1e-2, EvaluateEverySteps = 4, EarlyStoppingPatience = 3 });

        Assert.AreEqual(StopReason.EarlyStopping, result.Reason);
        Assert.AreEqual(evaluations, validator.Evaluations);
        Assert.AreEqual(4 * evaluations, result.Steps);
        Assert.AreEqual(best, result.BestValidationMetric);
        int bestIndex = Array.IndexOf(metrics, best);
        CollectionAssert.AreEqual(weights[bestIndex], toy.Weights());
        CollectionAssert.AreNotEqual(weights[^1], toy.Weights());
    }

    [TestMethod]
    public void EvaluatesAfterEachEpochByDefault()
    {
        using var toy = new Toy();
        var validator = new ScriptedValidator(true, 1, 2, 3);
        TrainingResult result = TrainingLoop.Run(toy.Task(validator: validator), new TrainingOptions { Epochs = 3 });
        Assert.AreEqual(3, validator.Evaluations);
        Assert.AreEqual(StopReason.Completed, result.Reason);
    }

    [TestMethod]
    public void WeightsTrainedAfterTheLastIntervalAreEvaluatedToo()
    {
        using var toy = new Toy();
        var validator = new ScriptedValidator(true, 1, 2, 3);
        var recorder = new Recorder();
        float[] last = [];
        var keep = new Recorder { AfterStep = _ => last = toy.Weights() };
        TrainingResult result = TrainingLoop.Run(toy.Task(validator: validator, callbacks: [keep]), new TrainingOptions { MaxSteps = 10, EvaluateEverySteps = 4 });
        Assert.AreEqual(3, validator.Evaluations); // steps 4, 8, 10
        Assert.AreEqual(3, result.BestValidationMetric);
        CollectionAssert.AreEqual(last, toy.Weights());
    }

    [TestMethod]
    public void CancellationReachesIntoTheValidation()
    {
        using var toy = new Toy();
        int polls = 0;
        // Four steps poll four times; the fifth poll is the validator's.
        Assert.ThrowsExactly<TimeoutException>(() => TrainingLoop.Run(
            toy.Task(validator: new ScriptedValidator(true, 1), checkAlive: () => { if (++polls == 5) throw new TimeoutException(); }),
            new TrainingOptions { EvaluateEverySteps = 4 }));
    }
}
