using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.FrozenLayers;

/// <summary>Fine-tunes with and without kept outputs of the frozen layers, in turns.</summary>
internal static class FrozenSuite
{
    public static void Run(FrozenSettings settings)
    {
        var report = new Report("frozen");
        TextRow[] rows = ShotSampler.Draw(TsvDataSet.Read(settings.Data, settings.DataSet).Train, shots: null, seed: 0, settings.Rows);
        (string Name, PeftMethod Method)[] methods =
        [
            ("last-layer", new LastLayers { Layers = 1 }),
            ("lora-in-last-layer", new Lora { Layers = [settings.Layers - 1] }),
            ("head", new HeadOnly()),
        ];
        foreach (PoolingMode pooling in settings.Poolings)
            foreach ((string name, PeftMethod method) in methods)
            {
                string @case = FormattableString.Invariant($"{pooling.ToString().ToLowerInvariant()}/{name}");
                var seconds = new Dictionary<bool, List<double>> { [false] = [], [true] = [] };
                var losses = new Dictionary<bool, List<double>>();
                for (int round = 0; round < settings.Rounds; round++)
                    foreach (bool kept in (bool[])[false, true])
                    {
                        losses[kept] = [];
                        seconds[kept].Add(Fit(rows, method, pooling, kept, settings, losses[kept]));
                        Report.Progress($"{@case}, {(kept ? "kept" : "computed anew")}: {seconds[kept][^1]:F2} s");
                    }
                double ratio = Statistics.Median(seconds[false]) / Statistics.Median(seconds[true]);
                report.Add(@case, ratio, "times faster",
                    ("anew_s", Statistics.Median(seconds[false])), ("kept_s", Statistics.Median(seconds[true])),
                    ("largest_loss_difference", losses[false].Zip(losses[true]).Max(pair => Math.Abs(pair.First - pair.Second))),
                    ("rows", rows.Length), ("epochs", settings.Epochs), ("layers", settings.Layers), ("hidden", settings.Hidden));
            }
        report.PrintTable();
    }

    /// <summary>Seconds of the training alone, tokenisation left out.</summary>
    private static double Fit(TextRow[] rows, PeftMethod method, PoolingMode pooling, bool kept, FrozenSettings settings, List<double> losses)
    {
        var ml = new MLContext(1);
        long start = 0;
        double seconds = 0;
        var options = new TextClassificationOptions
        {
            Sentence1ColumnName = nameof(TextRow.Text),
            Encoder = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = settings.Layers, HiddenSize = settings.Hidden, HeadCount = settings.Hidden / 64, IntermediateSize = 4 * settings.Hidden }),
            Peft = method,
            Pooling = pooling,
            Precision = Precision.Float32,
            Training =
            {
                Epochs = settings.Epochs,
                FrozenStateMegabytes = kept ? 1024 : 0,
                Progress = new Sink(progress =>
                {
                    // From the end of the first step on: what comes before is loading.
                    if (progress.Step == 1)
                        start = Stopwatch.GetTimestamp();
                    seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    losses.Add(progress.Loss);
                }),
            },
        };
        IDataView data = ml.Data.LoadFromEnumerable(rows);
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        using var model = ml.MulticlassClassification.Trainers.FineTune(options).Fit(keyed);
        return seconds;
    }

    private sealed class Sink(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action(value);
    }
}
