using System.Globalization;
using System.Text.Json.Nodes;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.SelfTraining;

/// <summary>Runs every method of self-training, and the same training without it, on the same drawn rows and measures accuracy on the test set.</summary>
internal static class SelfTrainSuite
{
    public static void Run(SelfTrainSettings settings)
    {
        var report = new Report("selftrain");
        foreach (string name in settings.DataSets)
        {
            TsvDataSet data = TsvDataSet.Read(settings.Data, name).WithTest(settings.MaxTest);
            foreach (int shots in settings.Shots)
                Compare(
                    report, $"{name}/{shots.ToString(CultureInfo.InvariantCulture)}", settings, SelfTrainMethods.Chosen(SelfTrainMethods.FewLabels, settings), data,
                    seed => ShotSampler.Split(data.Train, shots, seed, settings.MaxUnlabeled));
        }
        foreach (string name in settings.WeakDataSets)
        {
            WeakDataSet weak = WeakDataSet.Read(settings.Data, name);
            Compare(report, $"{name}/weak", settings, SelfTrainMethods.Chosen(SelfTrainMethods.WeakLabels, settings), weak.Data.WithTest(settings.MaxTest), _ => ([.. weak.Data.Train], weak.Unlabeled), settings.NoValidation ? null : weak.Validation);
        }
        report.PrintTable();
    }

    private static void Compare(
        Report report, string @case, SelfTrainSettings settings, IReadOnlyDictionary<string, SelfTrainingMethod> methods, TsvDataSet data,
        Func<int, (TextRow[] Labeled, IReadOnlyList<TextRow> Unlabeled)> draw, IReadOnlyList<TextRow>? validation = null)
    {
        foreach (string name in (string[])[FrozenEmbedding.MethodName, Supervised.MethodName, .. methods.Keys])
        {
            var outcomes = new List<FewShotSuite.Outcome>();
            var pseudo = new List<double>();
            for (int seed = 0; seed < settings.Seeds; seed++)
            {
                (TextRow[] labeled, IReadOnlyList<TextRow> unlabeled) = draw(seed);
                SelfTrainingProgress? last = null;
                IFewShotMethod method = name switch
                {
                    FrozenEmbedding.MethodName => new FrozenEmbedding(settings.Encoder),
                    Supervised.MethodName => new Supervised(settings),
                    _ => new SelfTraining(name, methods[name], settings, unlabeled, progress => last = progress),
                };
                // Logistic regression does not take rows without a label.
                TextRow[] rows = method is FrozenEmbedding ? [.. labeled.Where(row => row.Label.Length > 0)] : labeled;
                outcomes.Add(FewShotSuite.Measure($"{@case}/{name}", method, data, rows, seed, validation: validation));
                if (last?.PseudoLabelAccuracy is { } accuracy)
                    pseudo.Add(accuracy);
            }
            (string, JsonNode?)[] more =
            [
                ("sd", Statistics.StandardDeviation([.. outcomes.Select(o => o.Accuracy)])), ("seconds", outcomes.Average(o => o.FitSeconds)),
                ("rows", outcomes[0].Rows), ("seeds", settings.Seeds), .. pseudo.Count == 0 ? [] : new (string, JsonNode?)[] { ("pseudo_label_accuracy", pseudo.Average()) },
            ];
            report.Add($"{@case}/{name}", outcomes.Average(o => o.Accuracy), "accuracy", more);
        }
    }
}
