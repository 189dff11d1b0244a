using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.Peft;

/// <summary>Fits every method on the same rows and tells what it gave and what it cost.</summary>
internal static class PeftSuite
{
    private sealed record Trial(FewShotSuite.Outcome Outcome, TrainedModel Model, double PeakMegabytes);

    public static void Run(IReadOnlyList<PeftExperiment> experiments, FewShotSettings settings)
    {
        var report = new Report("peft");
        foreach (string name in settings.DataSets)
        {
            TsvDataSet data = TsvDataSet.Read(settings.Data, name);
            foreach (PeftExperiment experiment in experiments)
            {
                Trial[] runs = [.. Enumerable.Range(0, settings.Seeds).Select(seed => Measure($"{name}/{experiment.Name}", experiment, data, seed, settings))];
                TrainedModel model = runs[^1].Model;
                report.Add($"{name}/{experiment.Name}", runs.Average(run => run.Outcome.Accuracy), "accuracy",
                    ("sd", Statistics.StandardDeviation([.. runs.Select(run => run.Outcome.Accuracy)])),
                    ("method", experiment.Method),
                    ("trainable", model.Trainable),
                    ("trainable_percent", 100.0 * model.Trainable / model.Total),
                    ("adapter_bytes", model.Bytes),
                    ("tokens_per_second", Statistics.Median([.. runs.Select(run => run.Model.TokensPerSecond)])),
                    ("seconds", runs.Average(run => run.Outcome.FitSeconds)),
                    ("peak_mb", runs.Max(run => run.PeakMegabytes)),
                    ("rows", runs[0].Outcome.Rows),
                    ("seeds", settings.Seeds),
                    ("note", experiment.Note));
            }
        }
        report.PrintTable();
    }

    private static Trial Measure(string @case, PeftExperiment experiment, TsvDataSet data, int seed, FewShotSettings settings)
    {
        TextRow[] rows = ShotSampler.Draw(data.Train, settings.Shots[0], seed, settings.MaxTrain);
        var method = new FineTuning(PeftMethod.Parse(experiment.Method), settings with
        {
            Epochs = experiment.Epochs ?? settings.Epochs,
            LearningRate = experiment.LearningRate,
        });
        GC.Collect();
        PeakMemory.Reset();
        TrainedModel? model = null;
        FewShotSuite.Outcome outcome = FewShotSuite.Measure(@case, method, data, rows, seed, fitted => model = TrainedModel.Of(fitted, rows, method.RowsPerSecond));
        return new Trial(outcome, model!, PeakMemory.Read());
    }
}
