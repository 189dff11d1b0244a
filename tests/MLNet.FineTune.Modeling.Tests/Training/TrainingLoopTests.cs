using MLNet.FineTune.Losses;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class TrainingLoopTests
{
    [TestMethod]
    public void Learns()
    {
        using var toy = new Toy();
        var recorder = new Recorder();
        double before = toy.Accuracy();
        TrainingResult result = TrainingLoop.Run(toy.Task(callbacks: [recorder]), new TrainingOptions { Epochs = 15, LearningRate = 2e-2 });

        Assert.AreEqual(StopReason.Completed, result.Reason);
        Assert.AreEqual(15 * 13, result.Steps); // ceil(203 / 16) = 13
        Assert.HasCount(result.Steps, recorder.Losses);
        Assert.IsLessThan(0.8 * recorder.Losses[..10].Average(), recorder.Losses[^10..].Average());
        Assert.IsGreaterThan(Math.Max(before, 0.85), toy.Accuracy());
    }

    [TestMethod]
    public void HooksComeInTheDocumentedOrder()
    {
        using var toy = new Toy();
        var recorder = new Recorder();
        TrainingLoop.Run(toy.Task(batchSize: 128, callbacks: [recorder]), new TrainingOptions { Epochs = 2 });
        string step = "step gradients stepped";
        Assert.AreEqual($"start {step} {step} epoch {step} {step} epoch end", string.Join(' ', recorder.Events));
    }

    [TestMethod]
    public void LearningRateFollowsTheSchedule()
    {
        using var toy = new Toy();
        var recorder = new Recorder();
        TrainingLoop.Run(toy.Task(callbacks: [recorder]), new TrainingOptions { MaxSteps = 10, WarmupSteps = 2, LearningRate = 1e-3 });
        double[] expected = [5e-4, 1e-3, .. Enumerable.Range(0, 8).Select(i => 1e-3 * (8 - i) / 8.0)];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], recorder.LearningRates[i], 1e-12, $"step {i}");
    }

    [TestMethod]
    public void MaxStepsRepeatsTheData()
    {
        using var toy = new Toy();
        var recorder = new Recorder();
        TrainingResult result = TrainingLoop.Run(toy.Task(callbacks: [recorder]), new TrainingOptions { Epochs = 1, MaxSteps = 30 });
        Assert.AreEqual(30, result.Steps);
        Assert.AreEqual(2, recorder.Events.Count(e => e == "epoch"));
    }

    [TestMethod]
    public void AccumulationEqualsALargerBatch()
    {
        float[][] weights = new float[2][];
        double[][] losses = new double[2][];
        for (int i = 0; i < 2; i++)
        {
            using var toy = new Toy(dropout: 0);
            var recorder = new Recorder();
            // A batch of three rows, and the last, smaller one, as one batch or in unequal pieces.
            int[][] batches = i == 0 ? [[1, 2, 3, 4, 5], [6, 7, 8]] : [[1, 2, 3], [4, 5], [6, 7], [8]];
            TrainingTask task = toy.Task(callbacks: [recorder]);
            TrainingLoop.Run(
                new TrainingTask { Groups = task.Groups, Objective = task.Objective, Sampler = new FixedSampler(batches), Callbacks = task.Callbacks },
                new TrainingOptions { Epochs = 8, LearningRate = 1e-2, AccumulationSteps = i + 1 });
            (weights[i], losses[i]) = (toy.Weights(), [.. recorder.Losses]);
        }
        Assert.HasCount(16, losses[1]);
        for (int i = 0; i < losses[0].Length; i++)
            Assert.AreEqual(losses[0][i], losses[1][i], 1e-5, $"step {i}");
        for (int i = 0; i < weights[0].Length; i++)
            Assert.AreEqual(weights[0][i], weights[1][i], 1e-4f, $"weight {i}");
    }

    /// <summary>A mean by weights, of the class, of the row or of both, is that of the larger batch too; also where a batch has nothing that counts.</summary>
    [TestMethod]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(true, true)]
    public void AccumulationEqualsALargerBatchWithWeights(bool ofClasses, bool ofRows)
    {
        float[][] weights = new float[2][];
        double[][] losses = new double[2][];
        for (int i = 0; i < 2; i++)
        {
            using var toy = new Toy(dropout: 0);
            using var loss = new SoftmaxCrossEntropy(labelSmoothing: 0.1, ofClasses ? [0.2f, 3f] : null);
            float[] rowWeights = [.. Enumerable.Range(0, toy.Labels.Length).Select(row => row is 6 or 7 ? 0f : 0.1f + row % 5)];
            var recorder = new Recorder();
            int[][] batches = i == 0 ? [[1, 2, 3, 4, 5], [6, 7, 8]] : [[1, 2, 3], [4, 5], [6, 7], [8]];
            TrainingTask task = toy.Task(callbacks: [recorder]);
            TrainingLoop.Run(
                new TrainingTask
                {
                    Groups = task.Groups,
                    Objective = new ClassificationObjective(rows => toy.Logits(rows, training: true), toy.Labels, loss, ofRows ? rowWeights : null),
                    Sampler = new FixedSampler(batches),
                    Callbacks = task.Callbacks,
                },
                new TrainingOptions { Epochs = 8, LearningRate = 1e-2, AccumulationSteps = i + 1 });
            (weights[i], losses[i]) = (toy.Weights(), [.. recorder.Losses]);
        }
        for (int i = 0; i < losses[0].Length; i++)
            Assert.AreEqual(losses[0][i], losses[1][i], 1e-5, $"step {i}");
        for (int i = 0; i < weights[0].Length; i++)
            Assert.AreEqual(weights[0][i], weights[1][i], 1e-4f, $"weight {i}");
    }

    [TestMethod]
    public void MemoryStaysFlat()
    {
        using var toy = new Toy();
        var counts = new List<long>();
        var recorder = new Recorder { AfterStep = state => { if (state.Step % 50 == 0) counts.Add(Tensor.TotalCount); } };
        long before = Tensor.TotalCount;
        TrainingLoop.Run(toy.Task(callbacks: [recorder]), new TrainingOptions { MaxSteps = 250, AccumulationSteps = 2 });
        Assert.HasCount(5, counts);
        Assert.IsTrue(counts.TrueForAll(count => count == counts[0]), string.Join(", ", counts));
        Assert.AreEqual(before, Tensor.TotalCount, "tensors left after the run");
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void ANonFiniteLossStopsBeforeTheParametersMove(float bad)
    {
        using var toy = new Toy();
        float[] beforeStep = [];
        int steps = 0;
        var objective = new DelegateObjective(rows =>
        {
            beforeStep = toy.Weights();
            Tensor loss = toy.Logits(rows, training: true).square().mean();
            return ++steps == 4 ? loss * bad : loss;
        });
        TrainingDivergedException e = Assert.ThrowsExactly<TrainingDivergedException>(() =>
            TrainingLoop.Run(toy.Task(objective: objective), new TrainingOptions { MaxSteps = 10, WarmupRatio = 0, Schedule = LearningRateSchedule.Constant }));
        Assert.AreEqual(4, e.Step);
        Assert.AreEqual(5e-5, e.LearningRate);
        StringAssert.Contains(e.Message, "step 4");
        StringAssert.Contains(e.Message, "LearningRate");
        CollectionAssert.AreEqual(beforeStep, toy.Weights());
    }

    [TestMethod]
    public void ANonFiniteGradientOfAFiniteLossStops()
    {
        using var toy = new Toy(dropout: 0);
        // The root has an infinite slope at zero.
        var objective = new DelegateObjective(rows => (toy.Logits(rows, training: false) * 0).square().sum().sqrt());
        float[] before = toy.Weights();
        TrainingDivergedException e = Assert.ThrowsExactly<TrainingDivergedException>(() => TrainingLoop.Run(toy.Task(objective: objective), new TrainingOptions()));
        Assert.AreEqual(0, e.Loss);
        Assert.IsFalse(double.IsFinite(e.GradientNorm));
        CollectionAssert.AreEqual(before, toy.Weights());
    }

    [TestMethod]
    public void TheTimeLimitEndsTrainingAndShapesTheSchedule()
    {
        using var toy = new Toy();
        var recorder = new Recorder();
        TrainingResult result = TrainingLoop.Run(
            toy.Task(callbacks: [recorder], clock: new SteppingClock(TimeSpan.FromSeconds(1))),
            new TrainingOptions { Epochs = 100, MaxDuration = TimeSpan.FromSeconds(8), WarmupRatio = 0, LearningRate = 1 });
        Assert.AreEqual(StopReason.Duration, result.Reason);
        Assert.AreEqual(8, result.Steps);
        for (int i = 0; i < 8; i++)
            Assert.AreEqual(1 - i / 8.0, recorder.LearningRates[i], 1e-9, $"step {i}");
    }

    [TestMethod]
    public void ACallbackCanEndTraining()
    {
        using var toy = new Toy();
        var recorder = new Recorder { AfterStep = state => { if (state.Step == 5) state.RequestStop(StopReason.Callback); } };
        TrainingResult result = TrainingLoop.Run(toy.Task(callbacks: [recorder]), new TrainingOptions());
        Assert.AreEqual(StopReason.Callback, result.Reason);
        Assert.AreEqual(5, result.Steps);
        Assert.AreEqual("end", recorder.Events[^1]);
    }

    [TestMethod]
    public void CancellationAndCheckAliveStopBetweenSteps()
    {
        using var toy = new Toy();
        using var source = new CancellationTokenSource();
        var recorder = new Recorder { AfterStep = state => { if (state.Step == 3) source.Cancel(); } };
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            TrainingLoop.Run(toy.Task(callbacks: [recorder]), new TrainingOptions { CancellationToken = source.Token }));
        Assert.HasCount(3, recorder.Losses);

        int polls = 0;
        Assert.ThrowsExactly<TimeoutException>(() =>
            TrainingLoop.Run(toy.Task(checkAlive: () => { if (++polls == 4) throw new TimeoutException(); }), new TrainingOptions()));
    }

    [TestMethod]
    public void ALossThatReachesNoParameterIsAnError()
    {
        using var toy = new Toy();
        using Tensor apart = ones(1, requires_grad: true);
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() =>
            TrainingLoop.Run(toy.Task(objective: new DelegateObjective(_ => apart.sum())), new TrainingOptions()));
        StringAssert.Contains(e.Message, "trainable parameters");
    }

    [TestMethod]
    public void EarlyStoppingWithoutValidationIsAnError()
    {
        using var toy = new Toy();
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => TrainingLoop.Run(toy.Task(), new TrainingOptions { EarlyStoppingPatience = 2 }));
        StringAssert.Contains(e.Message, "ValidationFraction");
    }

    [TestMethod]
    public void TwoParametersOfOneNameAreAnError()
    {
        using var toy = new Toy();
        toy.Groups = [toy.Groups[0], toy.Groups[0]];
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => TrainingLoop.Run(toy.Task(), new TrainingOptions()));
        StringAssert.Contains(e.Message, "hidden.weight");
    }

    [TestMethod]
    public void TwoCallbacksOfOneNameAreAnError()
    {
        using var toy = new Toy();
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() =>
            TrainingLoop.Run(toy.Task(callbacks: [new Recorder(), new Recorder()]), new TrainingOptions()));
        StringAssert.Contains(e.Message, "Recorder");
    }

    private sealed class DelegateObjective(Func<int[], Tensor> loss) : ITrainingObjective
    {
        public Tensor Loss(int[] rows) => loss(rows);
    }

    private sealed class FixedSampler(int[][] batches) : IBatchSampler
    {
        public int BatchesPerEpoch => batches.Length;

        public IEnumerable<int[]> Batches(int epoch) => batches;
    }
}
