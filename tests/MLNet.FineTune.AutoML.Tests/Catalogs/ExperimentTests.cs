using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using MLNet.FineTune.AutoML.Tests.Fixtures;
using MLNet.FineTune.Search.Tests.Fixtures;

namespace MLNet.FineTune.AutoML.Tests.Catalogs;

/// <summary>Whole experiments of AutoML.</summary>
[TestClass]
public sealed class ExperimentTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void RunnerAndTuner()
    {
        IDataView validation = TinySearch.Data(_ml, 30, seed: 2);
        var recorder = new Recorder();
        var runner = new PeftTrialRunner(_ml, new PeftTrialOptions { TrainingSet = TinySearch.Data(_ml, 48, seed: 1), ValidationSet = validation, Trainer = Short(new Lora { Rank = 4 }) });
        var tuner = new FineTuneTuner(new Microsoft.ML.SearchSpace.SearchSpace { [runner.SearchSpaceName] = runner.SearchSpace }, new TpeTuner { InitialPoints = 3 }, countParameters: true);
        TrialResult best = _ml.Auto().CreateExperiment()
            .SetPeftTrialRunner(runner)
            .SetTuner(tuner)
            .SetMonitor(recorder)
            .SetMaxModelToExplore(6)
            .SetTrainingTimeInSeconds(100)
            .Run();

        Assert.HasCount(6, recorder.Completed);
        Assert.IsEmpty(recorder.Failures);
        PeftTrialResult[] trials = [.. recorder.Completed.Cast<PeftTrialResult>()];
        Assert.AreEqual(4, ((Lora)trials[0].Method!).Rank, "begins with the trainer's own");
        Assert.IsGreaterThan(3, trials.Select(trial => trial.Method!.Format()).Distinct().Count());
        Assert.AreEqual(trials.Where(trial => trial.Error is null).Min(trial => trial.Loss), best.Loss);
        var front = trials.Where(trial => trial.Error is null && !trials.Any(other => other.Error is null && other.Loss <= trial.Loss && other.TrainableParameters <= trial.TrainableParameters
            && (other.Loss < trial.Loss || other.TrainableParameters < trial.TrainableParameters))).Select(trial => (trial.Loss, (double)trial.TrainableParameters));
        CollectionAssert.AreEquivalent(front.ToArray(), tuner.Front.Select(trial => (trial.Objectives[0], trial.Objectives[1])).ToArray());
        using var model = (TextClassificationTransformer)best.Model;
        Assert.AreEqual(_ml.MulticlassClassification.Evaluate(model.Transform(validation)).MicroAccuracy, best.Metric, 1e-9);
    }

    [TestMethod]
    public void ACancelledExperimentGivesTheBestSoFar()
    {
        using var stop = new CancellationTokenSource();
        var recorder = new Recorder { OnCompleted = _ => stop.Cancel() };
        using var runner = new PeftTrialRunner(_ml, new PeftTrialOptions { TrainingSet = TinySearch.Data(_ml, 48, seed: 1), Trainer = Trainer(new BitFit()) });
        TrialResult best = _ml.Auto().CreateExperiment().SetPeftTrialRunner(runner).SetFineTuneTuner(new RandomTuner()).SetMonitor(recorder).SetTrainingTimeInSeconds(100).RunAsync(stop.Token).Result;
        Assert.AreSame(recorder.Completed.Single(), best);
        ((IDisposable)best.Model).Dispose();
    }

    [TestMethod]
    public void ATrialThatIsCancelledOnItsWayLeavesTheBest()
    {
        foreach (bool pipeline in new[] { false, true })
        {
            using var stop = new CancellationTokenSource();
            var recorder = new Recorder();
            int begun = 0;
            TextClassificationOptions options = Trainer(new BitFit());
            options.Training.Progress = new Watcher(progress =>
            {
                if (progress.Step == 1 && begun++ == 1)
                    stop.Cancel();
            });
            AutoMLExperiment experiment = _ml.Auto().CreateExperiment();
            if (pipeline)
                experiment.SetDataset(Tickets(48, seed: 1), Tickets(30, seed: 2)).SetMulticlassClassificationMetric(MulticlassClassificationMetric.MicroAccuracy, "Label")
                    .SetPipeline(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(TinySearch.Ticket.Intent)).Append(_ml.MulticlassClassification.Trainers.SweepableFineTune(options)));
            else
                experiment.SetPeftTrialRunner(new PeftTrialRunner(_ml, new PeftTrialOptions { TrainingSet = TinySearch.Data(_ml, 48, seed: 1), Trainer = options }));
            TrialResult best = experiment.SetFineTuneTuner(new RandomTuner()).SetMonitor(recorder).SetTrainingTimeInSeconds(100).RunAsync(stop.Token).Result;
            Assert.AreEqual(2, begun);
            Assert.AreSame(recorder.Completed.Single(), best);
            Assert.HasCount(30, best.Model.Transform(Tickets(30, seed: 2)).GetColumn<uint>("PredictedLabel").ToArray(), "it can score");
            (best.Model as IDisposable)?.Dispose();
        }
    }

    [TestMethod]
    public void FailedTrialsAreLeftOut()
    {
        int made = 0;
        var space = PeftSearchSpace.Of(new ParameterSpaceBuilder().Integer("rank", 1, 16).Build(), point => made++ % 2 == 1 ? throw new InvalidOperationException("does not go") : new Lora { Rank = (int)(long)point["rank"], Targets = TargetModules.AllLinear });
        SweepablePipeline pipeline = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(TinySearch.Ticket.Intent)).Append(_ml.MulticlassClassification.Trainers.SweepableFineTune(Short(new BitFit()), space));
        var tuner = new FineTuneTuner(new Microsoft.ML.SearchSpace.SearchSpace { ["_pipeline_"] = pipeline.SearchSpace }, new TpeTuner());
        var recorder = new Recorder();
        TrialResult best = _ml.Auto().CreateExperiment()
            .SetDataset(Tickets(48, seed: 1), Tickets(30, seed: 2))
            .SetMulticlassClassificationMetric(MulticlassClassificationMetric.MicroAccuracy, "Label")
            .SetPipeline(pipeline)
            .SetTuner(tuner)
            .SetMonitor(recorder)
            .SetTrainingTimeInSeconds(100)
            .SetMaxModelToExplore(4)
            .Run();
        Assert.IsGreaterThanOrEqualTo(2, recorder.Completed.Count);
        Assert.IsGreaterThan(0, recorder.Failures.Count);
        Assert.IsTrue(recorder.Failures.All(failure => failure?.Message.Contains("does not go", StringComparison.Ordinal) == true));
        Assert.AreEqual(recorder.Completed.Min(trial => trial.Loss), best.Loss);
        Assert.AreEqual(best.Loss, tuner.Front[0].Objectives[0]);
        foreach (TrialResult trial in recorder.Completed)
            (trial.Model as IDisposable)?.Dispose();
    }

    /// <summary>Points of AutoML's own tuners, which know no conditions or constraints and round whole numbers down.</summary>
    [TestMethod]
    public void AutoMLsOwnTunersRun()
    {
        foreach (Func<AutoMLExperiment, AutoMLExperiment> setTuner in new Func<AutoMLExperiment, AutoMLExperiment>[] { e => e.SetRandomSearchTuner(seed: 1), e => e.SetGridSearchTuner(step: 2) })
        {
            var recorder = new Recorder();
            var runner = new PeftTrialRunner(_ml, new PeftTrialOptions { TrainingSet = TinySearch.Data(_ml, 48, seed: 1), Trainer = Short(new AdaLora()) });
            TrialResult best = setTuner(_ml.Auto().CreateExperiment().SetPeftTrialRunner(runner)).SetMonitor(recorder).SetMaxModelToExplore(4).Run();
            Assert.HasCount(4, recorder.Completed);
            Assert.IsEmpty(recorder.Failures);
            Assert.IsNotNull(best.Model);
            ((IDisposable)best.Model).Dispose();
        }

        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(TinySearch.Ticket.Intent)).Append(_ml.MulticlassClassification.Trainers.SweepableFineTune(Short(new Lora())));
        TrialResult found = _ml.Auto().CreateExperiment()
            .SetDataset(Tickets(48, seed: 1), Tickets(30, seed: 2))
            .SetMulticlassClassificationMetric(MulticlassClassificationMetric.MicroAccuracy, "Label")
            .SetPipeline(pipeline) // with its tuner
            .SetMaxModelToExplore(3)
            .Run();
        Assert.HasCount(30, found.Model.Transform(Tickets(30, seed: 2)).GetColumn<uint>("PredictedLabel").ToArray());
        (found.Model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void SweepablePipelineOfSeveralMethods()
    {
        IDataView train = Tickets(48, seed: 1), validation = Tickets(30, seed: 2);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(TinySearch.Ticket.Intent))
            .Append(
                _ml.MulticlassClassification.Trainers.SweepableFineTune(Trainer(new BitFit())),
                _ml.MulticlassClassification.Trainers.SweepableFineTune(Trainer(new BitFit()), PeftSearchSpace.Of(ParameterSpace.Of<Lora>(space => space.Remove(nameof(Lora.Rank))), new Lora { Rank = 4 })))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "PredictedLabel"));
        var recorder = new Recorder();
        TrialResult best = new MLContext(seed: 3).Auto().CreateExperiment()
            .SetDataset(train, validation)
            .SetMulticlassClassificationMetric(MulticlassClassificationMetric.MicroAccuracy, "Label")
            .SetPipeline(pipeline)
            .SetFineTuneTuner(new RandomTuner())
            .SetMonitor(recorder)
            .SetMaxModelToExplore(4)
            .SetTrainingTimeInSeconds(100)
            .Run();

        Assert.IsEmpty(recorder.Failures, string.Join("; ", recorder.Failures.Select(failure => failure?.Message)));
        Assert.HasCount(4, recorder.Completed);
        Assert.AreEqual(2, recorder.Completed.Select(trial => trial.TrialSettings.Parameter["_pipeline_"]["_SCHEMA_"].AsType<string>()).Distinct().Count(), "both methods are tried");
        string[] predicted = [.. best.Model.Transform(validation).GetColumn<string>("PredictedIntent")];
        string[] expected = [.. validation.GetColumn<string>(nameof(TinySearch.Ticket.Intent))];
        Assert.AreEqual(best.Metric, predicted.Zip(expected).Count(pair => pair.First == pair.Second) / 30.0, 1e-9);
        foreach (TrialResult trial in recorder.Completed)
            (trial.Model as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void SweepableBinaryTrainer()
    {
        TextClassificationOptions options = Trainer(new BitFit());
        options.LabelColumnName = nameof(TinySearch.Ticket.Urgent);
        SweepableEstimator sweepable = _ml.BinaryClassification.Trainers.SweepableFineTune(options, PeftSearchSpace.Of(ParameterSpace.Of<Lora>(), new Lora { Targets = TargetModules.AllLinear }));
        options.Training.BatchSize = 0; // a later change is none of its
        IEstimator<ITransformer> built = sweepable.BuildFromOption(new MLContext(seed: 2), sweepable.Parameter);
        IDataView data = Tickets(20, seed: 1);
        using var model = (BinaryTextClassificationTransformer)built.Fit(data);
        Assert.IsGreaterThan(0, model.DescribeParameters().TrainableCount);
        CollectionAssert.IsSubsetOf(new[] { "Probability", "Score", "PredictedLabel" }, model.GetOutputSchema(data.Schema).Select(column => column.Name).ToArray());
    }

    [TestMethod]
    public void TheTrialsContextCancelsTrainingAndNotItsModel()
    {
        IDataView data = TinySearch.Data(_ml, 20, seed: 1);
        TextClassificationOptions options = Trainer(new BitFit());
        MLContext trial = new(seed: 2), other = new(seed: 2);
        SweepableEstimator sweepable = _ml.MulticlassClassification.Trainers.SweepableFineTune(options);
        using var model = (IDisposable)sweepable.BuildFromOption(trial, sweepable.Parameter).Fit(data);
        Cancel(trial);
        Assert.HasCount(20, ((ITransformer)model).Transform(data).GetColumn<uint>("PredictedLabel").ToArray());

        options.Training.Progress = new Watcher(_ => Cancel(other));
        sweepable = _ml.MulticlassClassification.Trainers.SweepableFineTune(options);
        Assert.Throws<OperationCanceledException>(() => sweepable.BuildFromOption(other, sweepable.Parameter).Fit(data));

        static void Cancel(MLContext context) => typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(context, null); // as AutoML does
    }

    [TestMethod]
    public void BadOptionsAreNamedAtOnce()
    {
        TextClassificationOptions options = Trainer(new Lora { Rank = -1 });
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.SweepableFineTune(options)).Message, "Rank");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.Auto().CreateExperiment().SetFineTuneTuner(new TpeTuner { InitialPoints = 0 })).Message, "InitialPoints");
    }

    private sealed class Watcher(Action<TrainingProgress> look) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => look(value);
    }

    private static TextClassificationOptions Trainer(PeftMethod method) => new()
    {
        Sentence1ColumnName = nameof(TinySearch.Ticket.Text),
        Encoder = TinySearch.Encoder,
        Precision = Precision.Float32,
        Peft = method,
        Training = { BatchSize = 8, Epochs = 2, LearningRate = 5e-3 },
    };

    /// <summary>Of two steps, whatever a trial's number of epochs.</summary>
    private static TextClassificationOptions Short(PeftMethod method)
    {
        TextClassificationOptions options = Trainer(method);
        options.Training.MaxSteps = 2;
        return options;
    }

    /// <summary>Texts of which no key is made yet.</summary>
    private IDataView Tickets(int count, int seed) => _ml.Transforms.DropColumns("Label").Fit(TinySearch.Data(_ml, count, seed)).Transform(TinySearch.Data(_ml, count, seed));
}
