using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Benchmarks.FewShot;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Benchmarks.Adapt;

/// <summary>Fine-tunes one encoder on the same rows three times: from random weights, as it is, and adapted to the rows' texts.</summary>
internal static class AdaptSuite
{
    private readonly record struct Run(FewShotSuite.Outcome Outcome, double AdaptSeconds);

    public static void Execute(AdaptSettings settings)
    {
        var report = new Report("adapt");
        FewShotSettings tuning = settings.FineTuning;
        foreach (string name in tuning.DataSets)
        {
            TsvDataSet data = TsvDataSet.Read(tuning.Data, name);
            (string Encoder, Func<TextRow[], int, Run> Measure)[] encoders =
            [
                ("random", (rows, seed) => Measure($"{name}/random", data, rows, seed, tuning with { Encoder = new UntrainedEncoderSource(tuning.Encoder), LearningRate = settings.RandomLearningRate })),
                ("pretrained", (rows, seed) => Measure($"{name}/pretrained", data, rows, seed, tuning)),
                ("adapted", (rows, seed) => Adapted($"{name}/adapted", data, rows, seed, settings)),
            ];
            double? before = null;
            foreach ((string encoder, Func<TextRow[], int, Run> measure) in encoders)
            {
                Run[] runs = [.. Enumerable.Range(0, tuning.Seeds).Select(seed => measure(ShotSampler.Draw(data.Train, shots: null, seed, tuning.MaxTrain), seed))];
                double mean = runs.Average(run => run.Outcome.Accuracy);
                report.Add($"{name}/{encoder}", mean, "accuracy",
                    ("sd", Statistics.StandardDeviation([.. runs.Select(run => run.Outcome.Accuracy)])),
                    ("gain", before is null ? null : mean - before),
                    ("seconds", runs.Average(run => run.Outcome.FitSeconds)),
                    ("adapt_seconds", runs.Average(run => run.AdaptSeconds)),
                    ("rows", runs[0].Outcome.Rows),
                    ("seeds", tuning.Seeds));
                before = mean;
            }
        }
        report.PrintTable();
    }

    private static Run Measure(string @case, TsvDataSet data, TextRow[] rows, int seed, FewShotSettings tuning) =>
        new(FewShotSuite.Measure(@case, new FineTuning(new FullFineTuning(), tuning), data, rows, seed), AdaptSeconds: 0);

    private static Run Adapted(string @case, TsvDataSet data, TextRow[] rows, int seed, AdaptSettings settings)
    {
        string folder = Directory.CreateTempSubdirectory("mlnet-finetune-adapt-").FullName;
        try
        {
            var ml = new MLContext(seed);
            ml.Log += (_, log) =>
            {
                if (log.Kind == ChannelMessageKind.Info && log.Source.Contains("pre-training", StringComparison.Ordinal))
                    Report.Progress($"{@case} seed {seed}: {log.RawMessage}");
            };
            var options = new EncoderAdaptationOptions
            {
                Encoder = settings.FineTuning.Encoder,
                OutputDirectory = Path.Combine(folder, "adapted"),
                TaskTexts = ml.Data.LoadFromEnumerable(rows),
                TaskTextColumnName = nameof(TextRow.Text),
                TaskPretraining = { MaxLength = settings.AdaptMaxLength, Precision = settings.FineTuning.Precision },
            };
            TrainingOptions training = options.TaskPretraining.Training;
            training.Epochs = settings.AdaptEpochs ?? training.Epochs;
            training.LearningRate = settings.AdaptLearningRate ?? training.LearningRate;

            var watch = Stopwatch.StartNew();
            EncoderSource adapted = ml.Transforms.Text.AdaptEncoder(options);
            double seconds = watch.Elapsed.TotalSeconds;
            Report.Progress(string.Create(CultureInfo.InvariantCulture, $"{@case} seed {seed}: adapted in {seconds:F1} s"));
            return Measure(@case, data, rows, seed, settings.FineTuning with { Encoder = adapted }) with { AdaptSeconds = seconds };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
