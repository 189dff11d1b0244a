using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>Searches, and then does each trial's training again as a fit of its own.</summary>
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
            Compare(new Report("warm-up"), "warm-up", Spaces(settings).First().Space, ml, learn, measure, encoder, settings with { Trials = 2 });
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
        PeftSearchResult? found = null;
        Cost search = Cost.Of(() => found = ml.FineTuning().SearchPeft(new PeftSearchOptions
        {
            TrainingSet = learn, ValidationSet = measure, Trainer = Trainer(), Space = space, Tuner = new RandomTuner(), MaxTrials = settings.Trials, Pruner = settings.Pruner,
        }));
        TrialRecord[] done = [.. found!.Trials.Where(trial => trial.State is TrialState.Completed or TrialState.Pruned)];
        Report.Progress($"{name}: {done.Length} trials, {search.Seconds:F1} s");
        var alone = new Cost(0, 0);
        double best = 0;
        foreach (TrialRecord trial in done)
        {
            TextClassificationOptions options = Trainer();
            (options.Peft, options.Training, options.ValidationSet) = (space.CreateMethod(trial.Parameters), space.CreateTraining(trial.Parameters, options.Training), measure);
            options.Training.FrozenStateMegabytes = settings.AloneKeptMegabytes;
            TextClassificationTransformer? model = null;
            alone += Cost.Of(() => model = ml.MulticlassClassification.Trainers.FineTune(options).Fit(learn));
            using (model)
                best = Math.Max(best, ml.MulticlassClassification.Evaluate(model!.Transform(measure)).MicroAccuracy);
        }
        report.Add(name, search.ProcessorSeconds / alone.ProcessorSeconds, "of the processor time",
            ("search_cpu_s", search.ProcessorSeconds), ("alone_cpu_s", alone.ProcessorSeconds), ("search_s", search.Seconds), ("alone_s", alone.Seconds),
            ("search_best_accuracy", found.Front.Count == 0 ? null : found.Front[0].Values[PeftObjective.Quality]), ("alone_best_accuracy", best),
            ("trials", done.Length), ("pruned", done.Count(trial => trial.State == TrialState.Pruned)), ("rows", settings.Rows), ("layers", settings.Layers), ("hidden", settings.Hidden));
    }

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
