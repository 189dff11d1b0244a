using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Search.Tests.Fixtures;
using MLNet.FineTune.Tests;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Search.Tests.Peft;

[TestClass]
public sealed class PeftSearchTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void FrontIsOfTheTrialsThatNoneDominates()
    {
        PeftSearchOptions options = TinySearch.Options(_ml);
        options.Tuner = new TpeTuner();
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);

        Assert.HasCount(6, result.Trials);
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed));
        Assert.IsNotNull(result.Study.Finished);
        int[] expected = [.. result.Trials.Where(trial => !result.Trials.Any(other => Beats(other, trial))).Select(trial => trial.Number)];
        CollectionAssert.AreEquivalent(expected, result.Front.Select(entry => entry.Trial.Number).ToArray());
        double[] qualities = [.. result.Front.Select(entry => entry.Values[PeftObjective.Quality])];
        CollectionAssert.AreEqual(qualities.OrderDescending().ToArray(), qualities);
        Assert.IsTrue(result.Front.All(entry => PeftMethod.Parse(entry.MethodText).Equals(entry.Method) || PeftMethod.Parse(entry.MethodText).Format() == entry.MethodText));
        Assert.IsTrue(result.Trials.All(trial => trial.Reports.Count is 1 or 2));

        static bool Beats(TrialRecord a, TrialRecord b) =>
            a.Values[0] >= b.Values[0] && a.Values[1] <= b.Values[1] && (a.Values[0] > b.Values[0] || a.Values[1] < b.Values[1]);
    }

    [TestMethod]
    public void ObjectivesAreWhatTheFittedModelHas()
    {
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 3);
        options.Space = PeftSearchSpace.Of(ParameterSpace.Of<Lora>(), new Lora { Targets = TargetModules.AllLinear });
        options.Trainer.Training.Epochs = 3;
        options.Trainer.Training.LearningRate = 1e-2;
        options.Objectives = [PeftObjective.Quality, PeftObjective.TrainableParameters, PeftObjective.AdapterBytes, PeftObjective.TrainingSeconds];
        PeftSearchEntry entry = _ml.FineTuning().SearchPeft(options).Lexicographic((PeftObjective.Quality, 0));

        using TextClassificationTransformer model = entry.Refit(options.TrainingSet, options.ValidationSet);
        double accuracy = _ml.MulticlassClassification.Evaluate(model.Transform(options.ValidationSet!)).MicroAccuracy;
        Assert.AreEqual(entry.Values[PeftObjective.Quality], accuracy, 1e-9);
        ParameterReport report = model.DescribeParameters();
        Assert.AreEqual(report.TrainableCount, entry.Values[PeftObjective.TrainableParameters]);
        Assert.AreEqual(4 * report.TrainableCount, entry.Values[PeftObjective.AdapterBytes]);
        Assert.IsGreaterThan(0, entry.Values[PeftObjective.TrainingSeconds]);
        Assert.AreEqual(3, entry.Training.Epochs);
    }

    [TestMethod]
    public void InterruptedSearchGoesOnAsIfItHadNotBeen()
    {
        using var folder = new TemporaryFolder();
        PeftSearchResult whole = _ml.FineTuning().SearchPeft(TinySearch.Options(_ml, trials: 4));

        using var stop = new CancellationTokenSource();
        PeftSearchOptions first = TinySearch.Options(_ml, trials: 4);
        first.StorageConnectionString = folder.File("search.db");
        first.CancellationToken = stop.Token;
        first.Progress = new Watcher(progress =>
        {
            if (progress is { Completed: 2, Running.Count: 1 })
                stop.Cancel();
        });
        PeftSearchResult part = _ml.FineTuning().SearchPeft(first);
        Assert.AreEqual(2, part.Trials.Count(trial => trial.State == TrialState.Completed));
        Assert.AreEqual(TrialState.Waiting, part.Trials[2].State);
        Assert.IsNull(part.Study.Finished);
        Assert.IsNotEmpty(part.Front);
        Assert.IsNotNull(part.Knee());

        PeftSearchOptions second = TinySearch.Options(_ml, trials: 4);
        second.StorageConnectionString = folder.File("search.db");
        PeftSearchResult rest = _ml.FineTuning().SearchPeft(second);
        Assert.HasCount(whole.Trials.Count, rest.Trials);
        for (int i = 0; i < whole.Trials.Count; i++)
        {
            Assert.AreEqual(i, rest.Trials[i].Number);
            Assert.AreEqual(whole.Trials[i].Attributes["method"], rest.Trials[i].Attributes["method"]);
            CollectionAssert.AreEqual(whole.Trials[i].Values.ToArray(), rest.Trials[i].Values.ToArray(), $"trial {i}");
        }
        CollectionAssert.AreEqual(whole.Front.Select(entry => entry.Trial.Number).ToArray(), rest.Front.Select(entry => entry.Trial.Number).ToArray());
    }

    [TestMethod]
    public void FailingConfigurationIsRecorded()
    {
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 10);
        ParameterSpace space = new ParameterSpaceBuilder().OrderedChoice("rank", 1, 2, 3).Build();
        options.Space = PeftSearchSpace.Of(space, point => (long)point["rank"] == 2 ? throw new InvalidOperationException("two does not go") : new Lora { Rank = (int)(long)point["rank"] });
        options.Trainer.Training.Epochs = 1;
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);

        Assert.HasCount(3, result.Trials);
        TrialRecord failed = result.Trials.Single(trial => trial.State == TrialState.Failed);
        Assert.AreEqual(2L, failed.Parameters["rank"]);
        StringAssert.Contains(failed.Error, "two does not go");
        Assert.AreEqual(2, result.Trials.Count(trial => trial.State == TrialState.Completed));
    }

    [TestMethod]
    public void TheTrainingsTokenEndsTheSearchToo()
    {
        using var stop = new CancellationTokenSource();
        PeftSearchOptions options = TinySearch.Options(_ml);
        options.Trainer.Training.CancellationToken = stop.Token;
        options.Progress = new Watcher(progress =>
        {
            if (progress.Completed == 2)
                stop.Cancel();
        });
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        Assert.AreEqual(2, result.Trials.Count(trial => trial.State == TrialState.Completed));
        Assert.AreEqual(0, result.Trials.Count(trial => trial.State == TrialState.Failed));
    }

    [TestMethod]
    public void CancelledContextEndsTheSearch()
    {
        PeftSearchOptions options = TinySearch.Options(_ml);
        options.Progress = new Watcher(progress =>
        {
            if (progress.Completed == 2)
                typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(_ml, null); // as AutoML does
        });
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        Assert.AreEqual(2, result.Trials.Count(trial => trial.State == TrialState.Completed));
        Assert.AreEqual(0, result.Trials.Count(trial => trial.State == TrialState.Failed));
    }

    [TestMethod]
    public void HopelessTrialsArePruned()
    {
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 4);
        options.Pruner = new Axe();
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        // A trial of a single epoch is at its end when it reports.
        Assert.IsTrue(result.Trials.All(trial => trial.State == ((long)trial.Parameters["epochs"] == 1 ? TrialState.Completed : TrialState.Pruned)));
        Assert.IsTrue(result.Trials.All(trial => trial.Reports.Count == 1));
    }

    [TestMethod]
    public void TrialsLearnSharesOfTheRowsFirst()
    {
        using var folder = new TemporaryFolder();
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 4);
        options.Trainer.Encoder = TinySearch.WriteEncoder(folder.File("encoder"));
        (options.Trainer.Training.LearningRate, options.Trainer.Training.Epochs, options.Trainer.Training.ValidationMetric) = (1e-2, 3, ValidationMetric.LogLoss);
        options.Space = PeftSearchSpace.Of(new ParameterSpaceBuilder().OrderedChoice("rank", 1, 2, 3, 4).Build(), point => new Lora { Rank = (int)(long)point["rank"] });
        (options.Pruner, options.DataShares) = (new AfterTwo(), [0.25, 0.5]);
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);

        Assert.HasCount(4, result.Trials);
        Assert.AreEqual("0.25, 0.5", result.Study.Settings["data shares"]);
        int[] labels = [.. options.TrainingSet.GetColumn<uint>("Label").Select(label => (int)label - 1)];
        int[] order = NestedSubsets.Order(labels, options.Seed);
        foreach (TrialRecord trial in result.Trials)
        {
            Assert.AreEqual(trial.Number == 0 ? TrialState.Completed : TrialState.Pruned, trial.State, trial.Error);
            CollectionAssert.AreEqual((int[])[250, 500], trial.Reports.Select(report => report.Step).ToArray());
            Assert.IsTrue(trial.Attributes.ContainsKey("trainable parameters"));
        }
        PeftSearchEntry entry = result.Front.Single();
        Assert.AreEqual(entry.Values[PeftObjective.TrainableParameters], entry.Trial.ValueOf(result.Study.Objectives[1], result.Study.Objectives));
        Assert.AreEqual(entry.Values[PeftObjective.Quality], Loss(1), 1e-5);
        Assert.AreEqual(entry.Trial.Reports[0].Value, Loss(0.25), 1e-5);
        Assert.AreEqual(entry.Trial.Reports[1].Value, Loss(0.5), 1e-5);

        // As a user would train on those rows, measured by ML.NET; shares are measured at their end.
        double Loss(double share)
        {
            IDataView rows = new RowSubsetView(((IHostEnvironment)_ml).Register("test"), options.TrainingSet, DataRungs.Rows(order, share));
            using TextClassificationTransformer model = entry.Refit(rows, share < 1 ? null : options.ValidationSet);
            return _ml.MulticlassClassification.Evaluate(model.Transform(options.ValidationSet!)).LogLoss;
        }
    }

    /// <summary>The network that makes a prefix trains, and is not there any more when training has ended; AdaLoRA ends with fewer ranks than it begins with.</summary>
    [TestMethod]
    [DataRow("prefix-tuning(length=3)", true)]
    [DataRow("prefix-tuning(length=3) | vera | lora(rank=2)", true)]
    [DataRow("lora(rank=2)", true)]
    [DataRow("adalora(target_rank=1, initial_rank=2)", false)]
    public void ParametersAreThoseOfTheFinishedModel(string method, bool known)
    {
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 1);
        options.Trainer.Training.LearningRate = 1e-2;
        options.Space = PeftSearchSpace.Of(new ParameterSpaceBuilder().Boolean("a").Build(), _ => PeftMethod.Parse(method));
        PeftSearchEntry entry = _ml.FineTuning().SearchPeft(options).Front.Single();
        using TextClassificationTransformer model = entry.Refit(options.TrainingSet, options.ValidationSet);
        Assert.AreEqual(model.DescribeParameters().TrainableCount, entry.Values[PeftObjective.TrainableParameters]);
        Assert.AreEqual(known ? entry.Values[PeftObjective.TrainableParameters] : null, entry.Trial.Attributes.GetValueOrDefault("trainable parameters") as double?);
    }

    [TestMethod]
    public void WhatIsBeyondALimitIsNotTaken()
    {
        using SearchStorage storage = SearchStorage.InMemory();
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 4);
        options.Storage = storage;
        options.Space = PeftSearchSpace.Of(new ParameterSpaceBuilder().OrderedChoice("rank", 1, 2, 3, 4).Build(), point => new Lora { Rank = (int)(long)point["rank"] });
        options.Tuner = new GridTuner();
        long[] counts = [.. _ml.FineTuning().SearchPeft(options).Trials.Select(trial => (long)trial.Values[1]).Order()];

        options.Name = "limited";
        options.Limits = new Dictionary<PeftObjective, double> { [PeftObjective.TrainableParameters] = counts[1], [PeftObjective.Quality] = 0 };
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        foreach (TrialRecord trial in result.Trials)
        {
            bool small = trial.ValueOf(result.Study.Objectives[1], result.Study.Objectives) <= counts[1];
            Assert.AreEqual(small ? TrialState.Completed : TrialState.Pruned, trial.State, trial.Error);
            Assert.AreEqual(small, trial.Reports.Count > 0, "too large ones are not trained");
        }
        Assert.AreEqual(2, result.Trials.Count(trial => trial.State == TrialState.Completed));
        Assert.IsTrue(result.Front.All(entry => entry.Values[PeftObjective.TrainableParameters] <= counts[1]));

        options.Limits = new Dictionary<PeftObjective, double> { [PeftObjective.TrainableParameters] = counts[2] };
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().SearchPeft(options)).Message, FormattableString.Invariant($"at most {counts[1]}"));
        options.Name = "none";
        options.Limits = new Dictionary<PeftObjective, double> { [PeftObjective.Quality] = 1.5 };
        result = _ml.FineTuning().SearchPeft(options);
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed));
        Assert.IsEmpty(result.Front);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => result.Knee()).Message, "within the limits");
    }

    [TestMethod]
    public void TimeAndMemoryAreMeasured()
    {
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 2);
        options.Objectives = [PeftObjective.Quality, PeftObjective.ScoringMilliseconds, PeftObjective.PeakMemoryBytes];
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed), string.Join("; ", result.Trials.Select(trial => trial.Error)));
        foreach (PeftSearchEntry entry in result.Front)
        {
            Assert.IsInRange(1e-4, 1000, entry.Values[PeftObjective.ScoringMilliseconds]);
            Assert.IsGreaterThanOrEqualTo(0, entry.Values[PeftObjective.PeakMemoryBytes]);
        }
        Assert.IsNotNull(result.WithinBudget(PeftObjective.ScoringMilliseconds, 1000));
    }

    [TestMethod]
    public void FoldsGiveTheMeanOfTheirModels()
    {
        using var folder = new TemporaryFolder();
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 2);
        (options.ValidationSet, options.Folds, options.Trainer.Encoder) = (null, 3, TinySearch.WriteEncoder(folder.File("encoder")));
        options.Trainer.Training.LearningRate = 1e-2;
        options.Trainer.Training.Epochs = 3;
        options.Trainer.Training.ValidationMetric = ValidationMetric.LogLoss;
        options.Space = PeftSearchSpace.Of(new ParameterSpaceBuilder().OrderedChoice("rank", 1, 2, 3).Build(), point => new Lora { Rank = (int)(long)point["rank"] });
        options.Objectives = [PeftObjective.Quality, PeftObjective.TrainableParameters];
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed && trial.Reports.Count == 3), string.Join("; ", result.Trials.Select(trial => trial.Error)));

        // The parts by the same rule; each is refitted as a user would, and measured by ML.NET.
        int[] labels = [.. options.TrainingSet.GetColumn<uint>("Label").Select(label => (int)label - 1)];
        int[][] folds = CrossValidation.Rows(labels, 3, options.Seed);
        foreach (PeftSearchEntry entry in result.Front)
        {
            var losses = new List<double>();
            foreach (int[] fold in folds)
            {
                IDataView validation = Rows(fold);
                using TextClassificationTransformer model = entry.Refit(Rows(CrossValidation.Others(fold, labels.Length)), validation);
                losses.Add(_ml.MulticlassClassification.Evaluate(model.Transform(validation)).LogLoss);
            }
            Assert.AreEqual(losses.Average(), entry.Values[PeftObjective.Quality], 1e-5);
            Assert.AreEqual(losses[0], entry.Trial.Reports[0].Value, 1e-5);
            Assert.AreEqual(Math.Sqrt(losses.Sum(loss => Math.Pow(loss - losses.Average(), 2)) / 2 / 3), entry.StandardError!.Value, 1e-5);
        }

        IDataView Rows(int[] rows) => new RowSubsetView(((IHostEnvironment)_ml).Register("test"), options.TrainingSet, rows);
    }

    [TestMethod]
    public void TrialsShareFrozenLayersWhateverCameBefore()
    {
        using var folder = new TemporaryFolder();
        EncoderSource encoder = TinySearch.WriteEncoder(folder.File("encoder"));
        double[] shared = Losses(64, 4), resumed = Losses(64, 1, 4), alone = Losses(0, 4);
        // The second run computes in its first trial, of other batches, what the unbroken one had from the first.
        CollectionAssert.AreEqual(shared, resumed, "bit for bit");
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(alone[i], shared[i], 1e-4);
        Assert.HasCount(4, shared.Distinct().ToArray());

        double[] Losses(int megabytes, params int[] trials)
        {
            using SearchStorage storage = SearchStorage.InMemory();
            PeftSearchResult? result = null;
            foreach (int count in trials)
            {
                PeftSearchOptions options = TinySearch.Options(_ml, count);
                (options.ValidationSet, options.Folds, options.Storage) = (null, 2, storage);
                (options.Trainer.Encoder, options.Trainer.Training.FrozenStateMegabytes, options.Trainer.Training.ValidationMetric) = (encoder, megabytes, ValidationMetric.LogLoss);
                options.Space = PeftSearchSpace.Of(
                    new ParameterSpaceBuilder().OrderedChoice("batch", 3, 5, 8, 12, 16).OrderedChoice("layer", 1, 2).Build(),
                    point => (long)point["layer"] == 1 ? new Lora { Layers = [1] } : new HeadOnly(),
                    (point, training) => (training.LearningRate, training.BatchSize) = (1e-2, (int)(long)point["batch"]));
                result = _ml.FineTuning().SearchPeft(options);
            }
            Assert.IsTrue(result!.Trials.All(trial => trial.State == TrialState.Completed), string.Join("; ", result.Trials.Select(trial => trial.Error)));
            return [.. result.Trials.Select(trial => trial.Values[0])];
        }
    }

    [TestMethod]
    public void BinaryLabelsAndSplitsAreTakenToo()
    {
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 2);
        options.ValidationSet = null;
        options.Trainer.LabelColumnName = nameof(TinySearch.Ticket.Urgent);
        options.Space = null; // AutoPEFT for the encoder at hand
        options.Trainer.Training.ValidationMetric = ValidationMetric.LogLoss;
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed), string.Join("; ", result.Trials.Select(trial => trial.Error)));
        Assert.AreEqual(ObjectiveDirection.Minimize, result.Study.Objectives[0].Direction);
        Assert.AreEqual(result.Trials.Min(trial => trial.Values[0]), result.Front[0].Values[PeftObjective.Quality]);
        Assert.Contains("layer1", result.Trials[0].Parameters.Keys);
        using TextClassificationTransformer model = result.Front[0].Refit(options.TrainingSet);
        Assert.IsInstanceOfType<BinaryTextClassificationTransformer>(model);
    }

    [TestMethod]
    public void PicksAreOfTheFront()
    {
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 8);
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        PeftSearchEntry smallest = result.Front.MinBy(entry => entry.Values[PeftObjective.TrainableParameters])!;
        Assert.AreSame(smallest, result.WithinBudget(PeftObjective.TrainableParameters, smallest.Values[PeftObjective.TrainableParameters]));
        Assert.AreSame(result.Front[0], result.WithinBudget(PeftObjective.TrainableParameters, double.PositiveInfinity));
        Assert.IsNull(result.WithinBudget(PeftObjective.TrainableParameters, 1));
        Assert.AreSame(smallest, result.Lexicographic((PeftObjective.Quality, 1), (PeftObjective.TrainableParameters, 0)));
        Assert.Contains(result.Knee(), result.Front);
        Assert.ThrowsExactly<ArgumentException>(() => result.WithinBudget(PeftObjective.AdapterBytes, 1));
        Assert.ThrowsExactly<ArgumentException>(() => result.WithinBudget(PeftObjective.Quality, 1));
    }

    [TestMethod]
    public void ReportNamesEveryTrial()
    {
        using var folder = new TemporaryFolder();
        PeftSearchResult result = _ml.FineTuning().SearchPeft(TinySearch.Options(_ml, trials: 2));
        result.WriteReport(folder.File("report.html"));
        string page = File.ReadAllText(folder.File("report.html"));
        StringAssert.Contains(page, "trainable parameters");
        foreach (TrialRecord trial in result.Trials)
            StringAssert.Contains(page, ((string)trial.Attributes["method"]).Replace("\"", "&quot;", StringComparison.Ordinal));
    }

    [TestMethod]
    public void OtherDataAreAnotherSearch()
    {
        using SearchStorage storage = SearchStorage.InMemory();
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 1);
        options.Storage = storage;
        _ml.FineTuning().SearchPeft(options);
        options.TrainingSet = TinySearch.Data(_ml, 48, seed: 5);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().SearchPeft(options));
        StringAssert.Contains(error.Message, "data");
    }

    [TestMethod]
    public void AnotherPromptIsAnotherSearch()
    {
        using SearchStorage storage = SearchStorage.InMemory();
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 1);
        options.Storage = storage;
        _ml.FineTuning().SearchPeft(options);
        options.Trainer.Prompt = new ClozePrompt();
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().SearchPeft(options));
        StringAssert.Contains(error.Message, "prompt");
    }

    [TestMethod]
    public void NothingToChooseFromIsSaid()
    {
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 1);
        options.Space = PeftSearchSpace.Of(new ParameterSpaceBuilder().Boolean("any").Build(), _ => throw new InvalidOperationException("nothing goes"));
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        Assert.IsEmpty(result.Front);
        Assert.IsNull(result.WithinBudget(PeftObjective.TrainableParameters, 1e9));
        Assert.ThrowsExactly<InvalidOperationException>(() => result.Knee());
    }

    [TestMethod]
    public void FirstPointsAreTriedFirst()
    {
        PeftSearchOptions options = TinySearch.Options(_ml, trials: 3);
        Dictionary<string, object> Point(int serial) => new(TinySearch.Space.Parameters.Default) { ["serialSize"] = serial };
        options.FirstPoints = [Point(2), Point(2), Point(4)];
        PeftSearchResult result = _ml.FineTuning().SearchPeft(options);
        CollectionAssert.AreEqual(new object[] { 2L, 4L }, result.Trials.Take(2).Select(trial => trial.Parameters["serialSize"]).ToArray());
        Assert.HasCount(3, result.Trials);
        Assert.IsFalse(options.FirstPoints.Any(point => ParameterJson.Write(point) == ParameterJson.Write(result.Trials[2].Parameters)));

        options.FirstPoints = [Point(2), Point(5)];
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().SearchPeft(options)).Message, "FirstPoints[1] is no point of the space: 'serialSize' is 5");
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Fails(options => options.Objectives = [PeftObjective.TrainableParameters], "Objectives");
        Fails(options => options.Objectives = [PeftObjective.Quality, PeftObjective.Quality], "Objectives");
        Fails(options => (options.ValidationSet, options.ValidationFraction) = (null, 1), "ValidationFraction");
        Fails(options => options.MaxTrials = 0, "MaxTrials");
        Fails(options => options.Trainer.Training.ValidationFraction = 0.1, "Trainer.Training.ValidationFraction");
        Fails(options => options.Trainer.ValidationSet = options.ValidationSet, "Trainer.ValidationSet");
        Fails(options => options.Tuner = new BayesianTuner { Samples = 3 }, "Samples");
        Fails(options => options.Name = " ", "Name");
        Fails(options => options.Limits = new Dictionary<PeftObjective, double> { [PeftObjective.AdapterBytes] = 1 }, "Limits is [AdapterBytes: 1]");
        Fails(options => options.Limits = new Dictionary<PeftObjective, double> { [PeftObjective.Quality] = double.NaN }, "Limits");
        Fails(options => options.DataShares = [0.1], "Pruner");
        Fails(options => (options.DataShares, options.Pruner) = ([0.5, 0.1], new MedianPruner()), "DataShares is [0.5, 0.1]");
        Fails(options => (options.DataShares, options.Pruner) = ([0.5, 1], new MedianPruner()), "DataShares");
        Fails(options => (options.DataShares, options.Pruner, options.ValidationSet, options.Folds) = ([0.5], new MedianPruner(), null, 3), "Folds");

        void Fails(Action<PeftSearchOptions> change, string named)
        {
            PeftSearchOptions options = TinySearch.Options(_ml);
            change(options);
            var error = Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().SearchPeft(options));
            StringAssert.Contains(error.Message, named);
        }
    }

    private sealed class Watcher(Action<SearchProgress> look) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value) => look(value);
    }

    /// <summary>Ends every trial but the first at its second report.</summary>
    private sealed class AfterTwo : IPruner
    {
        public bool ShouldPrune(TrialRecord trial, IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives) => trial is { Number: > 0, Reports.Count: 2 };
    }

    /// <summary>Ends every trial at its first report.</summary>
    private sealed class Axe : IPruner
    {
        public bool ShouldPrune(TrialRecord trial, IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives) => true;
    }
}
