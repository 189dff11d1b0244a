using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Search.Tests.Fixtures;
using MLNet.FineTune.Tests;
using LbfgsOptions = Microsoft.ML.Trainers.LbfgsMaximumEntropyMulticlassTrainer.Options;

namespace MLNet.FineTune.Search.Tests.Trainers;

[TestClass]
public sealed class TrainerSearchTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void ValuesAreThoseOfTheFittedModel()
    {
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml);
        TrainerSearchResult<LbfgsOptions> result = _ml.FineTuning().CreateSearch(options).Run();
        Assert.HasCount(5, result.Trials);
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed), string.Join("; ", result.Trials.Select(trial => trial.Error)));
        foreach (TrialRecord trial in result.Trials)
        {
            var ml = new MLContext(seed: 5);
            ITransformer model = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsOptions
            {
                NumberOfThreads = 1,
                MaximumNumberOfIterations = 20,
                L2Regularization = (float)(double)trial.Parameters["L2Regularization"],
                HistorySize = (int)(long)trial.Parameters["HistorySize"],
            }).Fit(options.TrainingSet);
            Assert.AreEqual(ml.MulticlassClassification.Evaluate(model.Transform(options.ValidationSet!)).LogLoss, trial.Values[0], 1e-6);
        }
        Assert.IsGreaterThan(result.Trials.Min(trial => trial.Values[0]) + 0.01, result.Trials.Max(trial => trial.Values[0]), "the options matter");
        Assert.AreEqual(result.Trials.Min(trial => trial.Values[0]), result.Front[0].Values["log-loss"]);
        Assert.IsNull(result.Front[0].StandardError);

        LbfgsOptions best = result.Front[0].Options;
        Assert.AreEqual(20, best.MaximumNumberOfIterations);
        Assert.AreEqual((float)(double)result.Front[0].Trial.Parameters["L2Regularization"], best.L2Regularization);
        Assert.AreEqual(new LbfgsOptions().L2Regularization, options.Defaults.L2Regularization, "the defaults stay");
        ITransformer refitted = result.Front[0].Refit(options.TrainingSet);
        Assert.AreEqual(result.Front[0].Values["log-loss"], _ml.MulticlassClassification.Evaluate(refitted.Transform(options.ValidationSet!)).LogLoss, 1e-6);
        using var stream = new MemoryStream();
        _ml.Model.Save(refitted, options.TrainingSet.Schema, stream);
        Assert.AreEqual(stream.Length, result.Front[0].Values["model bytes"]);
    }

    [TestMethod]
    public void FoldsGiveTheMeanAndItsError()
    {
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml, trials: 2);
        (options.ValidationSet, options.Folds) = (null, 3);
        var measured = new List<(int[] Rows, double Value)>();
        options.Objectives = [TrainerObjective.Metric("noise", ObjectiveDirection.Minimize, (ml, scored) =>
        {
            int[] rows = [.. scored.GetColumn<int>(nameof(TinyTable.Row.Id))];
            double loss = ml.MulticlassClassification.Evaluate(scored).LogLoss;
            measured.Add((rows, loss));
            return loss;
        })];
        TrainerSearchResult<LbfgsOptions> result = _ml.FineTuning().CreateSearch(options).Run();

        Assert.HasCount(6, measured);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 90).ToArray(), measured.Take(3).SelectMany(fold => fold.Rows).ToArray());
        int[] classes = [.. TinyTable.Rows(90, 1).Select(row => row.Intent[^1] - '0')];
        foreach ((int[] rows, _) in measured)
            CollectionAssert.AreEqual((int[])[18, 9, 3], Enumerable.Range(0, 3).Select(label => rows.Count(row => classes[row] == label)).ToArray());
        for (int fold = 0; fold < 3; fold++)
            CollectionAssert.AreEqual(measured[fold].Rows, measured[3 + fold].Rows, "all trials have the same folds");
        foreach (TrialRecord trial in result.Trials)
        {
            double[] values = [.. measured.Skip(3 * trial.Number).Take(3).Select(fold => fold.Value)];
            Assert.AreEqual(values.Average(), trial.Values[0], 1e-12);
            double variance = values.Sum(value => Math.Pow(value - values.Average(), 2)) / 2;
            Assert.AreEqual(Math.Sqrt(variance / 3), (double)trial.Attributes["standard error of noise"], 1e-12);
            CollectionAssert.AreEqual((int[])[1, 2, 3], trial.Reports.Select(report => report.Step).ToArray());
            Assert.AreEqual((values[0] + values[1]) / 2, trial.Reports[1].Value, 1e-12);
        }
        Assert.AreEqual((double)result.Front[0].Trial.Attributes["standard error of noise"], result.Front[0].StandardError);
    }

    [TestMethod]
    public void HopelessTrialsEndAfterAFold()
    {
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml, trials: 2);
        (options.ValidationSet, options.Folds, options.Pruner) = (null, 3, new SecondFold());
        TrainerSearchResult<LbfgsOptions> result = _ml.FineTuning().CreateSearch(options).Run();
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Pruned && trial.Reports.Count == 2));
        Assert.IsEmpty(result.Front);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AnyTrainerLearnsSharesOfTheRowsFirst(bool validationSet)
    {
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml, trials: 3);
        if (!validationSet)
            options.ValidationSet = null;
        (options.Pruner, options.DataShares) = (new SuccessiveHalvingPruner { StartupTrials = 0 }, [1 / 9.0, 1 / 3.0]);
        var learnt = new List<int[]>();
        Func<MLContext, LbfgsOptions, IEstimator<ITransformer>> create = options.CreateTrainer;
        options.CreateTrainer = (context, made) => new Noted(create(context, made), data => learnt.Add([.. data.GetColumn<int>(nameof(TinyTable.Row.Id))]));
        TrainerSearchResult<LbfgsOptions> result = _ml.FineTuning().CreateSearch(options).Run();

        int rows = validationSet ? 90 : 72;
        CollectionAssert.AreEqual((int[])[rows / 9, rows / 3, rows], learnt.Take(3).Select(some => some.Length).ToArray());
        CollectionAssert.IsSubsetOf(learnt[0], learnt[1]);
        CollectionAssert.IsSubsetOf(learnt[1], learnt[2]);
        CollectionAssert.AreEqual(learnt[0], learnt[3], "all trials have the same rows");
        Assert.AreEqual(TrialState.Completed, result.Trials[0].State);
        CollectionAssert.AreEqual((int[])[111, 333], result.Trials[0].Reports.Select(report => report.Step).ToArray());
        double best = double.PositiveInfinity;
        foreach (TrialRecord trial in result.Trials)
        {
            // Two have reached the first rung at most: the best goes on.
            Assert.AreEqual(trial.Reports[0].Value > best ? 1 : 2, trial.Reports.Count);
            best = Math.Min(best, trial.Reports[0].Value);
        }
    }

    [TestMethod]
    public void WhatIsBeyondALimitIsNotTaken()
    {
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml);
        double[] losses = [.. _ml.FineTuning().CreateSearch(options).Run().Trials.Select(trial => trial.Values[0]).Order()];
        options.Objectives = [TrainerObjective.ModelBytes, TrainerObjective.LogLoss().WithLimit(losses[1])];
        TrainerSearchResult<LbfgsOptions> result = _ml.FineTuning().CreateSearch(options).Run();
        Assert.HasCount(5, result.Trials.Where(trial => trial.State == TrialState.Completed));
        Assert.IsTrue(result.Front.All(entry => entry.Values["log-loss"] <= losses[1]));
        Assert.IsNotEmpty(result.Front);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TrainerObjective.LogLoss().WithLimit(double.NaN));
    }

    [TestMethod]
    public void TimeAndMemoryOfAnyModelAreMeasured()
    {
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml, trials: 1);
        options.ValidationSet = TinyTable.Data(_ml, 20, seed: 2);
        options.Objectives = [TrainerObjective.ScoringMilliseconds, TrainerObjective.PeakMemoryBytes];
        int scored = 0;
        Func<MLContext, LbfgsOptions, IEstimator<ITransformer>> create = options.CreateTrainer;
        options.CreateTrainer = (context, made) => create(context, made).Append(context.Transforms.CustomMapping<TinyTable.Row, Slow>(
            (_, slow) =>
            {
                Interlocked.Increment(ref scored);
                Thread.Sleep(5);
                slow.Waited = 1;
            },
            contractName: null));
        TrialRecord trial = _ml.FineTuning().CreateSearch(options).Run().Trials.Single();
        Assert.AreEqual(TrialState.Completed, trial.State, trial.Error);
        // Rows wait at once on as many threads as the cursor has; at least one of them waits.
        Assert.IsInRange(5.0 / Environment.ProcessorCount / 2, 200, trial.Values[0]);
        Assert.AreEqual(4 * 20, scored, "once to warm up, and three rounds");
        Assert.IsGreaterThanOrEqualTo(0, trial.Values[1]);
    }

    [TestMethod]
    public void ACancelledContextEndsAFitInProgress()
    {
        var ml = new MLContext(seed: 1);
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(ml);
        options.CreateTrainer = (context, made) => new Noted(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(made), _ =>
        {
            TrialEnvironment.Cancel(ml);
            // The fit that follows looks at its own context alone.
            SpinWait.SpinUntil(() => Cancelled(context), TimeSpan.FromSeconds(20));
        });
        TrainerSearchResult<LbfgsOptions> result = ml.FineTuning().CreateSearch(options).Run();
        Assert.AreEqual(TrialState.Waiting, result.Trials.Single().State);

        static bool Cancelled(MLContext context)
        {
            try
            {
                TrialEnvironment.CheckAlive(((Microsoft.ML.Runtime.IHostEnvironment)context).Register("test"));
                return false;
            }
            catch (OperationCanceledException)
            {
                return true;
            }
        }
    }

    [TestMethod]
    public void InterruptedSearchGoesOnAsIfItHadNotBeen()
    {
        using var folder = new TemporaryFolder();
        TrainerSearchResult<LbfgsOptions> whole = _ml.FineTuning().CreateSearch(Random()).Run();

        using var stop = new CancellationTokenSource();
        TrainerSearchOptions<LbfgsOptions> first = Random();
        (first.StorageConnectionString, first.CancellationToken, first.Progress) = (folder.File("search.db"), stop.Token, new Watcher(progress =>
        {
            if (progress is { Completed: 1, Running.Count: 1 })
                stop.Cancel();
        }));
        TrainerSearchResult<LbfgsOptions> part = _ml.FineTuning().CreateSearch(first).Run();
        Assert.AreEqual(1, part.Trials.Count(trial => trial.State == TrialState.Completed));

        TrainerSearchOptions<LbfgsOptions> second = Random();
        second.StorageConnectionString = folder.File("search.db");
        TrainerSearchResult<LbfgsOptions> rest = _ml.FineTuning().CreateSearch(second).Run();
        CollectionAssert.AreEqual(whole.Trials.Select(trial => trial.Values[0]).ToArray(), rest.Trials.Select(trial => trial.Values[0]).ToArray());

        second = Random();
        (second.StorageConnectionString, second.Defaults.MaximumNumberOfIterations) = (folder.File("search.db"), 19);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().CreateSearch(second).Run());
        StringAssert.Contains(error.Message, "MaximumNumberOfIterations = 19");
        second = Random();
        (second.StorageConnectionString, second.TrainingSet) = (folder.File("search.db"), TinyTable.Data(_ml, 90, seed: 3));
        error = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().CreateSearch(second).Run());
        StringAssert.Contains(error.Message, "data there is");

        // Random weights at the start: the seed of the trial decides them.
        TrainerSearchOptions<LbfgsOptions> Random()
        {
            TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml, trials: 3);
            (options.Defaults.InitialWeightsDiameter, options.Defaults.MaximumNumberOfIterations) = (5, 3);
            options.Objectives = [TrainerObjective.MicroAccuracy()];
            return options;
        }
    }

    [TestMethod]
    public void CancellationEndsAFitInProgress()
    {
        using var stop = new CancellationTokenSource();
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml);
        options.CancellationToken = stop.Token;
        bool fitted = false;
        options.CreateTrainer = (context, made) =>
        {
            stop.Cancel();
            return context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(made);
        };
        options.Objectives = [TrainerObjective.OfModel("any", ObjectiveDirection.Minimize, _ =>
        {
            fitted = true;
            return 1;
        })];
        TrainerSearchResult<LbfgsOptions> result = _ml.FineTuning().CreateSearch(options).Run();
        Assert.IsFalse(fitted);
        Assert.AreEqual(TrialState.Waiting, result.Trials.Single().State, "given back, to be done in a later run");
    }

    [TestMethod]
    public void CancellationReachesTokensInOptionsWhateverTheContext()
    {
        using var stop = new CancellationTokenSource();
        using var never = new CancellationTokenSource();
        int steps = 0;
        TrainerSearchOptions<TextClassificationOptions> options = Training(() =>
        {
            steps++;
            stop.Cancel();
        }, never.Token);
        options.CancellationToken = stop.Token;
        TrainerSearchResult<TextClassificationOptions> result = _ml.FineTuning().CreateSearch(options).Run();
        Assert.AreEqual(1, steps);
        Assert.AreEqual(TrialState.Waiting, result.Trials.Single().State, "given back, to be done in a later run");
        Assert.AreEqual(never.Token, options.Defaults.Training.CancellationToken, "the defaults stay");
    }

    [TestMethod]
    public void ATokenInTheOptionsEndsTheSearch()
    {
        using var stop = new CancellationTokenSource();
        TrainerSearchOptions<TextClassificationOptions> options = Training(stop.Cancel, stop.Token);
        TrainerSearchResult<TextClassificationOptions> result = _ml.FineTuning().CreateSearch(options).Run();
        Assert.AreEqual(TrialState.Waiting, result.Trials.Single().State, "no trial failed");
    }

    [TestMethod]
    public void RefittingIsCancelledThroughTokensInOptionsToo()
    {
        using var stop = new CancellationTokenSource();
        int steps = 0;
        TrainerSearchOptions<TextClassificationOptions> options = Training(() => steps++);
        (options.MaxTrials, options.Defaults.Training.MaxSteps) = (1, 2);
        TrainerSearchEntry<TextClassificationOptions> entry = _ml.FineTuning().CreateSearch(options).Run().Front.Single();
        steps = 0;
        options.Defaults.Training.Progress = new Steps(() =>
        {
            steps++;
            stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => entry.Refit(options.TrainingSet, stop.Token));
        Assert.AreEqual(1, steps);
    }

    /// <summary>What a trainer gives that was cancelled and heeded it by an early end, or not at all, is not the point's model.</summary>
    [TestMethod]
    public void AFitThatEndsAfterTheCancellationIsNotMeasured()
    {
        using var stop = new CancellationTokenSource();
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml);
        options.CancellationToken = stop.Token;
        options.CreateTrainer = (_, made) =>
        {
            stop.Cancel();
            return _ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(made);
        };
        Assert.AreEqual(TrialState.Waiting, _ml.FineTuning().CreateSearch(options).Run().Trials.Single().State);
    }

    [TestMethod]
    public void OtherColumnsToSplitByAreAnotherSearch()
    {
        using SearchStorage storage = SearchStorage.InMemory();
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml, trials: 1);
        (options.ValidationSet, options.Storage) = (null, storage);
        _ml.FineTuning().CreateSearch(options).Run();
        options.StratificationColumnName = nameof(TinyTable.Row.Intent);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().CreateSearch(options).Run()).Message, "by 'Intent'");
    }

    [TestMethod]
    public void SetFitIsSearchedByNestedNames()
    {
        var seen = new List<(double Rate, int Iterations, string Method)>();
        var options = new TrainerSearchOptions<SetFitOptions>
        {
            TrainingSet = TinySearch.Data(_ml, 24, seed: 1),
            CreateTrainer = (context, made) =>
            {
                seen.Add((made.Training.LearningRate!.Value, made.Pairs.Iterations!.Value, made.Peft.MethodName));
                return context.MulticlassClassification.Trainers.SetFit(made);
            },
            Defaults = new SetFitOptions { Sentence1ColumnName = "Text", Encoder = TinySearch.Encoder, Precision = Precision.Float32, Training = { MaxSteps = 2, BatchSize = 8 } },
            Space = new ParameterSpaceBuilder().Real("Training.LearningRate", 1e-4, 1e-2, logarithmic: true).Integer("Pairs.Iterations", 1, 4).Choice("method", "lora", "bitfit").Build(),
            CreateOptions = (point, made) =>
            {
                made.Peft = PeftMethod.Parse((string)point["method"]);
                return made;
            },
            Tuner = new RandomTuner(),
            MaxTrials = 3,
        };
        TrainerSearchResult<SetFitOptions> result = _ml.FineTuning().CreateSearch(options).Run();
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed), string.Join("; ", result.Trials.Select(trial => trial.Error)));
        foreach (TrialRecord trial in result.Trials)
            Assert.AreEqual(((double)trial.Parameters["Training.LearningRate"], (int)(long)trial.Parameters["Pairs.Iterations"], (string)trial.Parameters["method"]), seen[trial.Number]);
        Assert.IsNull(options.Defaults.Training.LearningRate);
        Assert.AreEqual(new FullFineTuning(), options.Defaults.Peft);
        using var model = (IDisposable)result.Knee().Refit(options.TrainingSet);
        Assert.IsInstanceOfType<MulticlassTextClassificationTransformer>(model);
    }

    [TestMethod]
    public void PipelinesRegressionsAndModelsAreMeasured()
    {
        var options = new TrainerSearchOptions<SdcaRegressionTrainer.Options>
        {
            TrainingSet = TinyTable.Data(_ml, 80),
            CreateTrainer = (context, made) => context.Transforms.NormalizeMinMax("Features").Append(context.Regression.Trainers.Sdca(made)),
            Defaults = new() { LabelColumnName = "Target", NumberOfThreads = 1, MaximumNumberOfIterations = 10 },
            Space = new ParameterSpaceBuilder().Real("L2Regularization", 1e-6, 1, logarithmic: true).Build(),
            Objectives = [TrainerObjective.RSquared("Target"), TrainerObjective.RootMeanSquaredError("Target"), TrainerObjective.OfModel("weight", ObjectiveDirection.Minimize, Weight)],
            Tuner = new RandomTuner(),
            MaxTrials = 4,
            Seed = 3,
        };
        TrainerSearchResult<SdcaRegressionTrainer.Options> result = _ml.FineTuning().CreateSearch(options).Run();
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed), string.Join("; ", result.Trials.Select(trial => trial.Error)));
        TrainerSearchEntry<SdcaRegressionTrainer.Options> best = result.Front[0];
        Assert.IsGreaterThan(0.5, best.Values["R squared"]);
        Assert.AreEqual(best.Values["weight"], Weight(best.Refit(new Rows(_ml, options).Train)), 1e-6, "the trial's own random numbers");
        Assert.AreSame(best, result.Lexicographic(("R squared", 0)));
        Assert.AreSame(best, result.WithinBudget("root mean squared error", 1e9));
        Assert.IsNull(result.WithinBudget("weight", -1));
        Assert.ThrowsExactly<ArgumentException>(() => result.WithinBudget("R squared", 1));
        Assert.ThrowsExactly<ArgumentException>(() => result.Lexicographic(("accuracy", 0)));

        static double Weight(ITransformer model) => ((IEnumerable<ITransformer>)model).OfType<ISingleFeaturePredictionTransformer<LinearRegressionModelParameters>>().Single().Model.Weights.Sum(Math.Abs);
    }

    [TestMethod]
    public void SpaceIsThatOfMlNetsOwnAttributes()
    {
        TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml, trials: 2);
        options.Space = null;
        TrainerSearchResult<LbfgsOptions> result = _ml.FineTuning().CreateSearch(options).Run();
        Assert.IsTrue(result.Trials.All(trial => trial.State == TrialState.Completed), string.Join("; ", result.Trials.Select(trial => trial.Error)));
        Assert.Contains("L2Regularization", result.Trials[0].Parameters.Keys);
        Assert.AreEqual((float)(double)result.Front[0].Trial.Parameters["L2Regularization"], result.Front[0].Options.L2Regularization);
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Fails(options => options.CreateTrainer = null!, "CreateTrainer");
        Fails(options => options.Objectives = [], "Objectives");
        Fails(options => options.Objectives = [TrainerObjective.LogLoss(), TrainerObjective.LogLoss()], "log-loss");
        Fails(options => options.Folds = 1, "Folds");
        Fails(options => options.Folds = 3, "ValidationSet");
        Fails(options => (options.ValidationSet, options.ValidationFraction) = (null, 0), "ValidationFraction");
        Fails(options => options.Space = new ParameterSpaceBuilder().Real("L2Regularisation", 0, 1).Build(), "L2Regularisation");
        Fails(options => options.Space = new ParameterSpaceBuilder().Choice("L2Regularization", "a", "b").Build(), "Space");

        void Fails(Action<TrainerSearchOptions<LbfgsOptions>> change, string named)
        {
            TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml);
            change(options);
            var error = Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().CreateSearch(options));
            StringAssert.Contains(error.Message, named);
        }
    }

    [TestMethod]
    public void ColumnsThatCannotSplitAreNamed()
    {
        Fails<ArgumentOutOfRangeException>("Target", "Target");
        Fails<ArgumentOutOfRangeException>("Absent", "Absent");
        Fails<ArgumentException>("Key", "have a single row");

        void Fails<TException>(string column, string named) where TException : Exception
        {
            TrainerSearchOptions<LbfgsOptions> options = TinyTable.Options(_ml);
            options.TrainingSet = _ml.Transforms.Conversion.MapValueToKey("Key", nameof(TinyTable.Row.Id)).Fit(options.TrainingSet).Transform(options.TrainingSet);
            (options.ValidationSet, options.StratificationColumnName) = (null, column);
            StringAssert.Contains(Assert.ThrowsExactly<TException>(() => _ml.FineTuning().CreateSearch(options).Run()).Message, named);
        }
    }

    /// <summary>A search whose trainer is made with another context than the trial's, which it therefore cannot heed.</summary>
    private TrainerSearchOptions<TextClassificationOptions> Training(Action stepped, CancellationToken cancellation = default) => new()
    {
        TrainingSet = TinySearch.Data(_ml, 24, seed: 1),
        CreateTrainer = (_, made) => _ml.MulticlassClassification.Trainers.FineTune(made),
        Defaults = new TextClassificationOptions
        {
            Sentence1ColumnName = "Text",
            Encoder = TinySearch.Encoder,
            Precision = Precision.Float32,
            Training = { MaxSteps = 6, BatchSize = 8, CancellationToken = cancellation, Progress = new Steps(stepped) },
        },
        Space = new ParameterSpaceBuilder().Real("Training.LearningRate", 1e-4, 1e-2, logarithmic: true).Build(),
        Tuner = new RandomTuner(),
        MaxTrials = 3,
    };

    /// <summary>A trainer that lets see what it learns from.</summary>
    private sealed class Noted(IEstimator<ITransformer> trainer, Action<IDataView> see) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            see(input);
            return trainer.Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => trainer.GetOutputSchema(inputSchema);
    }

    private sealed class Slow
    {
        public float Waited { get; set; }
    }

    private sealed class Steps(Action stepped) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => stepped();
    }

    private sealed class Rows(MLContext ml, TrainerSearchOptions<SdcaRegressionTrainer.Options> options)
    {
        public IDataView Train => SearchParts.Create(((Microsoft.ML.Runtime.IHostEnvironment)ml).Register("test"), options, () => { })[0].Train;
    }

    private sealed class Watcher(Action<SearchProgress> look) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value) => look(value);
    }

    private sealed class SecondFold : IPruner
    {
        public bool ShouldPrune(TrialRecord trial, IReadOnlyList<TrialRecord> trials, IReadOnlyList<SearchObjective> objectives) => trial.Reports.Count == 2;
    }
}
