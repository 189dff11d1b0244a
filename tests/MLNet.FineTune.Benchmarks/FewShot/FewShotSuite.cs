using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>Runs every method on the same drawn rows and measures its accuracy on the whole test set.</summary>
internal static class FewShotSuite
{
    private const string Key = "Label";
    private const string Predicted = "Predicted";

    public readonly record struct Outcome(double Accuracy, double FitSeconds, double ScoreSeconds, int Rows);

    public static void Run(FewShotSettings settings)
    {
        var report = new Report("fewshot");
        IFewShotMethod[] methods = [new FeaturizeSdca(), .. settings.Methods.Select(name => FewShotMethods.Create(name, settings))];
        foreach (string name in settings.DataSets)
        {
            TsvDataSet data = TsvDataSet.Read(settings.Data, name);
            foreach (int? shots in settings.Shots)
                foreach (IFewShotMethod method in methods)
                {
                    string @case = $"{name}/{shots?.ToString(CultureInfo.InvariantCulture) ?? "full"}/{method.Name}";
                    Outcome[] outcomes = [.. Enumerable.Range(0, settings.Seeds).Select(seed => Measure(@case, method, data, ShotSampler.Draw(data.Train, shots, seed, settings.MaxTrain), seed))];
                    report.Add(@case, outcomes.Average(o => o.Accuracy), "accuracy",
                        ("sd", Statistics.StandardDeviation([.. outcomes.Select(o => o.Accuracy)])),
                        ("seconds", outcomes.Average(o => o.FitSeconds)),
                        ("score_seconds", outcomes.Average(o => o.ScoreSeconds)),
                        ("rows", outcomes[0].Rows),
                        ("seeds", settings.Seeds));
                }
        }
        report.PrintTable();
    }

    /// <summary>Fits a method on some rows and measures it on the test set.</summary>
    public static Outcome Measure(string @case, IFewShotMethod method, TsvDataSet data, TextRow[] rows, int seed, Action<ITransformer>? inspect = null, IReadOnlyList<TextRow>? validation = null)
    {
        var ml = new MLContext(seed);
        ml.Log += (_, log) =>
        {
            if (log.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Info && log.Source.Contains("Fine-tuning", StringComparison.Ordinal))
                Report.Progress($"{@case} seed {seed}: {log.RawMessage}");
        };
        IDataView train = ml.Data.LoadFromEnumerable(rows), test = ml.Data.LoadFromEnumerable(data.Test);
        var keys = ml.Transforms.Conversion.MapValueToKey(Key, nameof(TextRow.Label));
        var pipeline = keys
            .Append(validation is null ? method.Create(ml) : method.Create(ml, keys.Fit(train).Transform(ml.Data.LoadFromEnumerable(validation))))
            .Append(ml.Transforms.Conversion.MapKeyToValue(Predicted, "PredictedLabel"));

        var watch = Stopwatch.StartNew();
        using var model = pipeline.Fit(train);
        double fit = watch.Elapsed.TotalSeconds;
        inspect?.Invoke(model);
        watch.Restart();
        // Labels are compared by name: one that the drawn rows lack cannot be predicted and counts as wrong.
        string[] predictions = [.. model.Transform(test).GetColumn<string>(Predicted)];
        double accuracy = data.Test.Zip(predictions).Count(pair => pair.First.Label == pair.Second) / (double)data.Test.Count;
        double score = watch.Elapsed.TotalSeconds;
        Report.Progress(string.Create(CultureInfo.InvariantCulture, $"{@case} seed {seed}: accuracy {accuracy:F4}, fitted {rows.Length} rows in {fit:F1} s, scored {data.Test.Count} in {score:F1} s"));
        return new Outcome(accuracy, fit, score, rows.Length);
    }
}
