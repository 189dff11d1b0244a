using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Search.Tests.Fixtures;
using AutoMLSpace = Microsoft.ML.SearchSpace.SearchSpace;

namespace MLNet.FineTune.AutoML.Tests.Trials;

[TestClass]
public sealed class PeftTrialRunnerTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public async Task MetricIsTheModelsOwn()
    {
        PeftTrialOptions options = Options();
        using var runner = new PeftTrialRunner(_ml, options);
        PeftTrialResult result = await Run(runner, new() { ["Rank"] = 4L, ["Epochs"] = 3L, ["LearningRate"] = 1e-2 });

        Assert.IsNull(result.Error);
        Assert.AreEqual(4, ((Lora)result.Method!).Rank);
        Assert.AreEqual(3, result.Training!.Epochs);
        Assert.AreEqual(1e-2, result.Training.LearningRate);
        Assert.AreEqual(-result.Metric, result.Loss);
        Assert.IsGreaterThan(0, result.DurationInMilliseconds);
        using var model = (MulticlassTextClassificationTransformer)result.Model;
        Assert.AreEqual(_ml.MulticlassClassification.Evaluate(model.Transform(options.ValidationSet!)).MicroAccuracy, result.Metric, 1e-9);
        Assert.AreEqual(model.DescribeParameters().TrainableCount, result.TrainableParameters);
    }

    [TestMethod]
    public async Task LowerMetricsAreLossesAsTheyAre()
    {
        PeftTrialOptions options = Options();
        (options.ValidationSet, options.Trainer.LabelColumnName) = (null, nameof(TinySearch.Ticket.Urgent));
        options.Trainer.Training.ValidationMetric = ValidationMetric.LogLoss;
        using var runner = new PeftTrialRunner(_ml, options);
        PeftTrialResult result = await Run(runner, []);
        Assert.AreEqual(result.Metric, result.Loss);
        Assert.IsTrue(result.Metric is > 0 and < 2);
        Assert.IsInstanceOfType<BinaryTextClassificationTransformer>(result.Model);
        ((IDisposable)result.Model).Dispose();
    }

    [TestMethod]
    public async Task SameTrialGivesTheSame()
    {
        foreach (Action<PeftTrialOptions> change in new Action<PeftTrialOptions>[] { _ => { }, options => options.ValidationSet = null, options => (options.ValidationSet, options.Folds) = (null, 3) })
        {
            double[] losses = new double[2];
            for (int i = 0; i < 2; i++)
            {
                PeftTrialOptions options = Options();
                options.Trainer.Training.ValidationMetric = ValidationMetric.LogLoss;
                change(options);
                using var runner = new PeftTrialRunner(new MLContext(), options);
                PeftTrialResult result = await Run(runner, []);
                losses[i] = result.Loss;
                ((IDisposable)result.Model).Dispose();
            }
            Assert.AreEqual(losses[0], losses[1]);
        }
    }

    [TestMethod]
    public async Task CrossValidationIsTheMeanOfItsFolds()
    {
        PeftTrialOptions options = Options();
        (options.ValidationSet, options.Folds) = (null, 3);
        options.Trainer.Training.ValidationMetric = ValidationMetric.LogLoss;
        using var runner = new PeftTrialRunner(_ml, options);
        PeftTrialResult result = await Run(runner, []);

        double[] metrics = [.. _ml.Data.CrossValidationSplit(options.TrainingSet, 3, seed: options.Seed).Select(fold =>
        {
            PeftTrialOptions single = Options();
            (single.TrainingSet, single.ValidationSet) = (fold.TrainSet, fold.TestSet);
            single.Trainer.Training.ValidationMetric = ValidationMetric.LogLoss;
            using var one = new PeftTrialRunner(_ml, single);
            PeftTrialResult of = Run(one, []).Result;
            ((IDisposable)of.Model).Dispose();
            return of.Metric;
        })];
        Assert.AreEqual(metrics.Average(), result.Metric, 1e-12);
        Assert.AreEqual(3, metrics.Distinct().Count());
        Assert.HasCount(30, Predictions(result.Model));
        ((IDisposable)result.Model).Dispose();
    }

    [TestMethod]
    public async Task FailedTrialsEndWithTheirError()
    {
        PeftTrialOptions options = Options();
        options.Space = PeftSearchSpace.Of(new ParameterSpaceBuilder().OrderedChoice("rank", 1, 2, 3).Build(), point => (long)point["rank"] switch
        {
            1 => throw new InvalidOperationException("one does not go"),
            2 => new Lora { Rank = -2 },
            _ => new Lora { Rank = 3 },
        });
        using var runner = new PeftTrialRunner(_ml, options);
        PeftTrialResult none = await Run(runner, new() { ["rank"] = 1L }), invalid = await Run(runner, new() { ["rank"] = 2L }), well = await Run(runner, new() { ["rank"] = 3L });
        foreach (PeftTrialResult failed in new[] { none, invalid })
        {
            Assert.AreEqual(double.MaxValue, failed.Loss);
            Assert.IsTrue(double.IsNaN(failed.Metric));
            Assert.IsNull(failed.Model);
            Assert.AreEqual(0, failed.TrainableParameters);
        }
        StringAssert.Contains(none.Error!.Message, "one does not go");
        Assert.IsNull(none.Method);
        StringAssert.Contains(invalid.Error!.Message, "Rank");
        Assert.AreEqual(-2, ((Lora)invalid.Method!).Rank);
        Assert.IsNull(well.Error);
        ((IDisposable)well.Model).Dispose();
    }

    [TestMethod]
    public async Task FilesThatAreMissingEndTheExperiment()
    {
        PeftTrialOptions options = Options();
        options.Trainer.Encoder = EncoderSource.FromDirectory(Path.Combine(Path.GetTempPath(), "there-is-no-such-encoder"));
        using var runner = new PeftTrialRunner(_ml, options);
        await Assert.ThrowsAsync<IOException>(() => Run(runner, []));
    }

    [TestMethod]
    public async Task CancellationEndsTheTrial()
    {
        using var stop = new CancellationTokenSource();
        PeftTrialOptions options = Options();
        options.Trainer.Training.Progress = new Watcher(progress =>
        {
            if (progress.Step == 2)
                stop.Cancel();
            Assert.IsLessThan(4, progress.Step, "no step after it");
        });
        using var runner = new PeftTrialRunner(_ml, options);
        await Assert.ThrowsAsync<OperationCanceledException>(() => Run(runner, new() { ["Epochs"] = 20L }, stop.Token));
    }

    [TestMethod]
    public async Task OnlyTheBestModelIsKept()
    {
        PeftTrialOptions options = Options();
        options.Trainer.Training.ValidationMetric = ValidationMetric.LogLoss;
        using var runner = new PeftTrialRunner(_ml, options);
        PeftTrialResult first = await Run(runner, new() { ["Epochs"] = 1L, ["LearningRate"] = 1e-6 });
        runner.Dispose(); // as AutoML does after each trial
        PeftTrialResult better = await Run(runner, new() { ["Epochs"] = 8L, ["LearningRate"] = 1e-2 });
        Assert.IsLessThan(first.Loss, better.Loss);
        Assert.HasCount(30, Predictions(first.Model), "AutoML may still hold it");
        PeftTrialResult worse = await Run(runner, new() { ["Epochs"] = 1L, ["LearningRate"] = 1e-6 });
        Assert.IsNull(worse.Model);
        Assert.ThrowsExactly<ObjectDisposedException>(() => Predictions(first.Model));
        Assert.HasCount(30, Predictions(better.Model));
        ((IDisposable)better.Model).Dispose();
    }

    [TestMethod]
    public async Task ForeignParametersAreNamed()
    {
        using var runner = new PeftTrialRunner(_ml, Options());
        var error = await Assert.ThrowsExactlyAsync<ArgumentException>(() => runner.RunAsync(new TrialSettings { Parameter = Parameter.CreateNestedParameter() }, CancellationToken.None));
        StringAssert.Contains(error.Message, "'peft'");
    }

    [TestMethod]
    public void OptionsAndDataAreCheckedAtOnce()
    {
        Fails(options => options.Folds = 1, "Folds");
        Fails(options => options.Folds = 3, "ValidationSet");
        Fails(options => (options.ValidationSet, options.ValidationFraction) = (null, 1), "ValidationFraction");
        Fails(options => options.SearchSpaceName = " ", "SearchSpaceName");
        Fails(options => options.Trainer.Training.ValidationFraction = 0.1, "Trainer.Training.ValidationFraction");
        Fails(options => options.Trainer.ValidationSet = options.TrainingSet, "Trainer.ValidationSet");
        Fails(options => options.Trainer.Training.BatchSize = 0, "BatchSize");
        Fails(options => options.Trainer.Sentence1ColumnName = "Nowhere", "Nowhere");
        Fails(options => options.TrainingSet = _ml.Data.SkipRows(options.TrainingSet, 1000), "no rows");

        void Fails(Action<PeftTrialOptions> change, string named)
        {
            PeftTrialOptions options = Options();
            change(options);
            try
            {
                new PeftTrialRunner(_ml, options).Dispose();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                StringAssert.Contains(e.Message, named);
                return;
            }
            Assert.Fail($"{named} was not refused.");
        }
    }

    private PeftTrialOptions Options()
    {
        PeftSearchOptions tiny = TinySearch.Options(_ml);
        tiny.Trainer.Peft = new Lora { Rank = 2, Targets = TargetModules.AllLinear };
        (tiny.Trainer.Training.Epochs, tiny.Trainer.Training.LearningRate) = (2, 5e-3);
        return new PeftTrialOptions { TrainingSet = tiny.TrainingSet, ValidationSet = tiny.ValidationSet, Trainer = tiny.Trainer };
    }

    /// <summary>Runs the default with some values changed.</summary>
    private static async Task<PeftTrialResult> Run(PeftTrialRunner runner, Dictionary<string, object> values, CancellationToken ct = default)
    {
        var mapped = new MappedSpace(new AutoMLSpace { [runner.SearchSpaceName] = runner.SearchSpace });
        var point = new Dictionary<string, object>(mapped.Space.Default);
        foreach ((string name, object value) in values)
            point[$"{runner.SearchSpaceName}.{name}"] = value;
        return (PeftTrialResult)await runner.RunAsync(new TrialSettings { Parameter = mapped.Write(point) }, ct);
    }

    private float[] Predictions(ITransformer model) =>
        [.. model.Transform(TinySearch.Data(_ml, 30, seed: 2)).GetColumn<uint>("PredictedLabel").Select(key => (float)key)];

    private sealed class Watcher(Action<TrainingProgress> look) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => look(value);
    }
}
