using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune.Benchmarks.FewShot;
using MLNet.FineTune.Search;

namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>Searches among random points, once for each way to end hopeless trials, and does the training of each point as a fit of its own.</summary>
internal static class SharingSuite
{
    public static void Run(SharingSettings settings)
    {
        var report = new Report("search-sharing");
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            var ml = new MLContext(1);
            TsvDataSet set = TsvDataSet.Read(settings.Data, settings.DataSet);
            TextRow[] train = ShotSampler.Draw(set.Train, shots: null, seed: 0, settings.Rows), test = ShotSampler.Draw(set.Test, shots: null, seed: 0, settings.Rows);
            ITransformer keys = ml.Transforms.Conversion.MapValueToKey("Label").Fit(ml.Data.LoadFromEnumerable(train));
            IDataView learn = keys.Transform(ml.Data.LoadFromEnumerable(train)), measure = keys.Transform(ml.Data.LoadFromEnumerable(test));
            EncoderSource encoder = Encoder(ml, ml.Data.LoadFromEnumerable(train), Path.Combine(folder.FullName, "encoder"), settings);
            // What is compiled when it first runs is neither's cost.
            Compare(new Report("warm-up"), "warm-up", Spaces(settings).First().Space, ml, learn, measure, encoder, settings with { Trials = 2, Pruners = ["none"] });
            foreach ((string name, PeftSearchSpace space) in Spaces(settings))
                Compare(report, name, space, ml, learn, measure, encoder, settings);
            report.PrintTable();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The space of AutoPEFT, which may change any layer, and one of methods that leave the lower half as it is.</summary>
    private static IEnumerable<(string Name, PeftSearchSpace Space)> Spaces(SharingSettings settings)
    {
        yield return ("autopeft", PeftSearchSpace.Of(new AutoPeftSpace { HiddenSize = settings.Hidden, LayerCount = settings.Layers, MaxPrefixLength = 10 }));
        int half = settings.Layers / 2;
        yield return ("upper-half", PeftSearchSpace.Of(
            new ParameterSpaceBuilder().Integer("lowest", half, settings.Layers).OrderedChoice("rank", 1, 2, 4, 8, 16, 32).Real("rate", 1e-4, 1e-2, logarithmic: true).Integer("epochs", 1, 10).Build(),
            point => (int)(long)point["lowest"] is var lowest && lowest == settings.Layers
                ? new HeadOnly()
                : new Lora { Rank = (int)(long)point["rank"], Layers = [.. Enumerable.Range(lowest, settings.Layers - lowest)] },
            (point, training) => (training.LearningRate, training.Epochs) = ((double)point["rate"], (int)(long)point["epochs"])));
    }

    private static void Compare(
        Report report, string name, PeftSearchSpace space, MLContext ml, IDataView learn, IDataView measure, EncoderSource encoder, SharingSettings settings)
    {
        TextClassificationOptions Trainer() => new() { Sentence1ColumnName = nameof(TextRow.Text), Encoder = encoder, Precision = Precision.Float32 };
        Cost? alone = null;
        double[][] values = [];
        foreach (string pruner in settings.Pruners)
        {
            var options = new PeftSearchOptions { TrainingSet = learn, ValidationSet = measure, Trainer = Trainer(), Space = space, Tuner = new RandomTuner(), MaxTrials = settings.Trials };
            Pruning.Of(pruner).Apply(options);
            PeftSearchResult? found = null;
            Cost search = Cost.Of(() => found = ml.FineTuning().SearchPeft(options));
            Report.Progress($"{name}, {pruner}: {found!.Trials.Count} trials, {search.Seconds:F1} s");
            // Random points are the same whatever comes of them.
            if (alone is null)
                (alone, values) = Alone(name, space, ml, learn, measure, Trainer, found.Trials, settings.AloneKeptMegabytes);
            int[] front = [.. found.Front.Select(entry => entry.Trial.Number)];
            report.Add($"{name}/{pruner}", search.ProcessorSeconds / alone.ProcessorSeconds, "of the processor time",
                ("search_cpu_s", search.ProcessorSeconds), ("alone_cpu_s", alone.ProcessorSeconds), ("search_s", search.Seconds), ("alone_s", alone.Seconds),
                ("search_best_accuracy", front.Length == 0 ? null : -values[front[0]][0]), ("alone_best_accuracy", -values.Min(value => value[0])),
                ("hypervolume_share", Volume([.. front.Select(i => values[i])], values) / Volume(values, values)),
                ("trials", found.Trials.Count), ("pruned", found.Trials.Count(trial => trial.State == TrialState.Pruned)), ("rows", settings.Rows), ("layers", settings.Layers), ("hidden", settings.Hidden));
        }
    }

    /// <summary>Trains each point as a user would.</summary>
    /// <returns>What that cost, and of each trial the negative accuracy and the logarithm of its parameters.</returns>
    private static (Cost Cost, double[][] Values) Alone(
        string name, PeftSearchSpace space, MLContext ml, IDataView learn, IDataView measure, Func<TextClassificationOptions> trainer, IReadOnlyList<TrialRecord> trials, int keptMegabytes)
    {
        var cost = new Cost(0, 0);
        var values = new List<double[]>();
        foreach (TrialRecord trial in trials)
        {
            TextClassificationOptions options = trainer();
            (options.Peft, options.Training, options.ValidationSet) = (space.CreateMethod(trial.Parameters), space.CreateTraining(trial.Parameters, options.Training), measure);
            options.Training.FrozenStateMegabytes = keptMegabytes;
            TextClassificationTransformer? model = null;
            cost += Cost.Of(() => model = ml.MulticlassClassification.Trainers.FineTune(options).Fit(learn));
            using (model)
                values.Add([-ml.MulticlassClassification.Evaluate(model!.Transform(measure)).MicroAccuracy, Math.Log(model.DescribeParameters().TrainableCount)]);
        }
        Report.Progress($"{name}, one by one: {cost.Seconds:F1} s");
        return (cost, [.. values]);
    }

    /// <summary>What points dominate of the volume up to the worst of all, accuracy 0.</summary>
    private static double Volume(double[][] points, double[][] all) => Hypervolume.Of(points, [0, all.Max(value => value[1]) + 0.1]);

    /// <summary>Random weights, as a directory: those of an encoder that is made anew could not be shared.</summary>
    private static EncoderSource Encoder(MLContext ml, IDataView corpus, string directory, SharingSettings settings) => ml.FineTuning().Pretrain(
        corpus,
        EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = settings.Layers, HiddenSize = settings.Hidden, HeadCount = settings.Hidden / 64, IntermediateSize = 4 * settings.Hidden }),
        directory,
        new EncoderPretrainingOptions { TextColumnName = nameof(TextRow.Text), Pretraining = { MaskedLanguageModeling = new(), Training = { MaxSteps = 1 } } });

    /// <param name="Seconds">By the clock.</param>
    /// <param name="ProcessorSeconds">Of all cores together: hardly moved by what else the machine does.</param>
    private sealed record Cost(double Seconds, double ProcessorSeconds)
    {
        public static Cost operator +(Cost a, Cost b) => new(a.Seconds + b.Seconds, a.ProcessorSeconds + b.ProcessorSeconds);

        public static Cost Of(Action work)
        {
            using Process self = Process.GetCurrentProcess();
            TimeSpan before = self.TotalProcessorTime;
            var clock = Stopwatch.StartNew();
            work();
            self.Refresh();
            return new Cost(clock.Elapsed.TotalSeconds, (self.TotalProcessorTime - before).TotalSeconds);
        }
    }
}
