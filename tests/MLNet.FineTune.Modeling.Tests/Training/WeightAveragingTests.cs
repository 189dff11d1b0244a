using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Tests.Peft;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class WeightAveragingTests
{
    private const int Steps = 24;

    [TestMethod]
    [DataRow(0.999)]
    [DataRow(0.5)]
    public void TheMovingAverageIsTheRecursion(double decay)
    {
        (List<float[]> weights, float[] result, _) = Train(new ExponentialMovingAverage { Decay = decay });
        double[] mean = [.. weights[0].Select(weight => (double)weight)];
        for (int n = 1; n < Steps; n++)
        {
            double stays = Math.Min(decay, (1.0 + n) / (10 + n));
            for (int i = 0; i < mean.Length; i++)
                mean[i] = stays * mean[i] + (1 - stays) * weights[n][i];
        }
        Near(mean, result);
    }

    [TestMethod]
    [DataRow(0.25, 18)]
    [DataRow(1.0, 0)]
    [DataRow(0.001, 23)]
    public void StochasticWeightAveragingIsTheMeanOfTheLastSteps(double fraction, int first)
    {
        (List<float[]> weights, float[] result, _) = Train(new StochasticWeightAveraging { Fraction = fraction });
        Near([.. result.Select((_, i) => weights.Skip(first).Average(step => (double)step[i]))], result);
    }

    [TestMethod]
    [DataRow(0.5)]
    [DataRow(0.2)]
    [DataRow(1.0)]
    public void InterpolationGoesAShareOfTheWay(double share)
    {
        float[] start;
        using (var toy = new Toy())
            start = toy.Weights();
        var measured = new List<float[]>();
        (List<float[]> plain, _, _) = Train(null);
        (List<float[]> weights, float[] result, _) = Train(new WeightInterpolation { Share = share });
        Between(weights[^1], result);
        (weights, result, _) = Train(new WeightInterpolation { Share = share }, measured, best: 2);
        for (int step = 0; step < Steps; step++)
            CollectionAssert.AreEqual(plain[step], weights[step]);
        Assert.HasCount(4, measured);
        for (int evaluation = 0; evaluation < 4; evaluation++)
            Between(weights[(6 * evaluation) + 5], measured[evaluation]);
        CollectionAssert.AreEqual(measured[2], result);

        void Between(float[] end, float[] found) => Near([.. start.Zip(end).Select(x => ((1 - share) * x.First) + (share * x.Second))], found);
    }

    [TestMethod]
    public void WhatIsYetToChangeAtTheStartIsNotInterpolated()
    {
        (List<float[]> weights, float[] result, _) = Train(new WeightInterpolation(), settles: new Settling(10));
        CollectionAssert.AreEqual(weights[^1], result);
    }

    [TestMethod]
    public void ValidationMeasuresAndKeepsTheMeanAndTrainingGoesOnWithoutIt()
    {
        (List<float[]> plain, _, _) = Train(null);
        var measured = new List<float[]>();
        (List<float[]> weights, float[] result, _) = Train(new ExponentialMovingAverage { Decay = 0.9 }, measured, best: 2);
        for (int step = 0; step < Steps; step++)
            CollectionAssert.AreEqual(plain[step], weights[step]);
        Assert.HasCount(4, measured);
        CollectionAssert.AreEqual(measured[2], result);
        CollectionAssert.DoesNotContain(weights, result);

        double[] mean = [.. weights[0].Select(weight => (double)weight)];
        for (int n = 1; n < 18; n++)
        {
            double stays = Math.Min(0.9, (1.0 + n) / (10 + n));
            mean = [.. mean.Zip(weights[n]).Select(x => stays * x.First + (1 - stays) * x.Second)];
        }
        Near(mean, result);
    }

    [TestMethod]
    public void WeightsThatAreNotSettledAreNotAveraged()
    {
        (List<float[]> weights, float[] result, _) = Train(new StochasticWeightAveraging { Fraction = 1 }, settles: new Settling(10));
        Near([.. result.Select((_, i) => weights.Skip(9).Average(step => (double)step[i]))], result);
        (weights, result, _) = Train(new StochasticWeightAveraging { Fraction = 1 }, settles: new Settling(100));
        CollectionAssert.AreEqual(weights[^1], result);
    }

    [TestMethod]
    [DataRow("moving")]
    [DataRow("stochastic")]
    [DataRow("interpolation")]
    public void AResumedRunEqualsTheUnbrokenRunBitForBit(string kind)
    {
        WeightAveraging averaging = kind switch
        {
            "moving" => new ExponentialMovingAverage(),
            "stochastic" => new StochasticWeightAveraging { Fraction = 0.8 },
            _ => new WeightInterpolation { Share = 0.3 },
        };
        (_, float[] expected, _) = Train(averaging);
        foreach (int stop in new[] { 3, 13 })
        {
            using var folder = new TemporaryFolder();
            Train(averaging, directory: folder.Path, stopAt: stop);
            InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => Train(new StochasticWeightAveraging(), directory: folder.Path));
            StringAssert.Contains(e.Message, "WeightAveraging");
            (List<float[]> rest, float[] weights, _) = Train(averaging, directory: folder.Path);
            Assert.HasCount(Steps - stop + 1, rest);
            CollectionAssert.AreEqual(expected, weights);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void MemoryStaysFlat(bool interpolates)
    {
        (_, _, List<long> alive) = Train(interpolates ? new WeightInterpolation() : new ExponentialMovingAverage(), []);
        Assert.AreEqual(alive[7], alive[^2]);
    }

    [TestMethod]
    [DataRow("full")]
    [DataRow("lora-all-linear")]
    [DataRow("adalora")]
    [DataRow("chain-of-lora")]
    public void LearnsTheTinyTask(string method)
    {
        TrainingOptions options = TinyTexts.Options(epochs: 20);
        (options.WeightAveraging, options.ValidationFraction) = (new ExponentialMovingAverage { Decay = 0.9 }, 0.1);
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(MethodCases.All.Single(row => row.Name == method).Create(), options, TinyTexts.Scratch(dropout: 0)));
        Assert.IsGreaterThanOrEqualTo(0.75, TinyTexts.Accuracy(classifier, TinyTexts.Train));
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        foreach ((WeightAveraging averaging, string message) in new (WeightAveraging, string)[]
        {
            (new ExponentialMovingAverage { Decay = 1 }, "ExponentialMovingAverage.Decay is 1; expected at least 0 and below 1."),
            (new StochasticWeightAveraging { Fraction = 0 }, "StochasticWeightAveraging.Fraction is 0; expected above 0, up to 1."),
            (new WeightInterpolation { Share = 0 }, "WeightInterpolation.Share is 0; expected above 0, up to 1."),
            (new WeightInterpolation { Share = double.NaN }, "WeightInterpolation.Share is NaN; expected above 0, up to 1."),
        })
            Assert.AreEqual(message, Assert.ThrowsExactly<ArgumentException>(() => new TrainingOptions { WeightAveraging = averaging }.Validate()).Message);
    }

    /// <summary>The weights after each step as training saw them, those it returned, and how many tensors there were.</summary>
    private static (List<float[]> Weights, float[] Result, List<long> Alive) Train(
        WeightAveraging? averaging, List<float[]>? measured = null, int best = 0, Settling? settles = null, string? directory = null, int stopAt = -1)
    {
        using var toy = new Toy();
        var weights = new List<float[]>();
        var alive = new List<long>();
        var recorder = new Recorder
        {
            AfterStep = state =>
            {
                weights.Add(toy.Weights());
                alive.Add(LiveTensors.Count());
                if (state.Step == stopAt)
                    throw new TimeoutException();
            },
        };
        var validator = measured is null ? null : new Measuring(() => measured.Add(toy.Weights()), best);
        try
        {
            TrainingLoop.Run(toy.Task(validator: validator, callbacks: settles is null ? [recorder] : [recorder, settles]), new TrainingOptions
            {
                MaxSteps = Steps,
                LearningRate = 1e-2,
                EvaluateEverySteps = 6,
                WeightAveraging = averaging,
                CheckpointDirectory = directory,
                CheckpointEverySteps = 1,
            });
        }
        catch (TimeoutException)
        {
        }
        return (weights, toy.Weights(), alive);
    }

    private static void Near(double[] expected, float[] found)
    {
        Assert.HasCount(expected.Length, found);
        for (int i = 0; i < found.Length; i++)
            Assert.AreEqual(expected[i], found[i], 2e-6);
    }

    /// <summary>Unsettled before a step.</summary>
    private sealed class Settling(int step) : ITrainingCallback
    {
        public bool Settled { get; private set; }

        public void OnStepEnd(TrainingState state) => Settled = state.Step >= step;
    }

    /// <summary>Finds one of its evaluations the best.</summary>
    private sealed class Measuring(Action measure, int best) : IValidator
    {
        private int _evaluation;

        public bool HigherIsBetter => true;

        public double Evaluate(Action checkAlive)
        {
            measure();
            return _evaluation++ == best ? 1 : 0.5;
        }
    }
}
