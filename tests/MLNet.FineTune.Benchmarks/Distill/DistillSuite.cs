using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.Distill;

/// <summary>Runs teacher, student alone and distilled students on the same drawn rows and measures accuracy on the test set.</summary>
internal static class DistillSuite
{
    private const string Key = "Label";
    private const string Teacher = "teacher";
    private const string Student = "student";
    private const string Distilled = "distilled";
    private const string Soft = "distilled-soft";

    private readonly record struct Outcome(double Accuracy, double Agreement, double FitSeconds, double ScoreSeconds);

    public static void Run(DistillSettings settings)
    {
        var report = new Report("distill");
        foreach (string name in settings.DataSets)
        {
            TsvDataSet data = TsvDataSet.Read(settings.Data, name).WithTest(settings.MaxTest);
            foreach (int shots in settings.Shots)
                Compare(report, $"{name}/{shots.ToString(CultureInfo.InvariantCulture)}", settings, data, shots);
        }
        report.PrintTable();
    }

    private static void Compare(Report report, string @case, DistillSettings settings, TsvDataSet data, int shots)
    {
        var outcomes = new Dictionary<string, List<Outcome>>();
        int labeled = 0, unlabeled = 0;
        for (int seed = 0; seed < settings.Seeds; seed++)
        {
            (TextRow[] few, TextRow[] others) = ShotSampler.Split(data.Train, shots, seed, settings.MaxUnlabeled);
            (labeled, unlabeled) = (few.Length, others.Length);
            foreach ((string method, Outcome outcome) in Measure(@case, settings, data, few, others, seed))
            {
                if (!outcomes.TryGetValue(method, out List<Outcome>? list))
                    outcomes.Add(method, list = []);
                list.Add(outcome);
            }
        }
        foreach ((string method, List<Outcome> list) in outcomes)
        {
            // Of the same rows, seed by seed: what the draw of the rows changes is left out.
            double[] gains = [.. list.Zip(outcomes[Student], (own, alone) => own.Accuracy - alone.Accuracy)];
            (string, JsonNode?)[] more =
            [
                ("sd", Statistics.StandardDeviation([.. list.Select(o => o.Accuracy)])),
                .. method == Student ? [] : new (string, JsonNode?)[] { ("gain", gains.Average()), ("gain_sd", Statistics.StandardDeviation(gains)) },
                ("agreement", list.Average(o => o.Agreement)),
                ("seconds", list.Average(o => o.FitSeconds)),
                ("score_seconds", list.Average(o => o.ScoreSeconds)),
                ("rows", labeled),
                ("unlabeled", unlabeled),
                ("seeds", settings.Seeds),
            ];
            report.Add($"{@case}/{method}", list.Average(o => o.Accuracy), "accuracy", more);
        }
    }

    /// <summary>All models of one draw, the teacher first.</summary>
    private static List<(string Method, Outcome Outcome)> Measure(string @case, DistillSettings settings, TsvDataSet data, TextRow[] few, TextRow[] others, int seed)
    {
        var ml = new MLContext(seed);
        IDataView rows = ml.Data.LoadFromEnumerable(few), labeled = ml.Transforms.Conversion.MapValueToKey(Key, nameof(TextRow.Label)).Fit(rows).Transform(rows);
        IDataView texts = ml.Data.LoadFromEnumerable(others.Select(row => new UnlabeledRow { Text = row.Text })), test = ml.Data.LoadFromEnumerable(data.Test);
        string[] taught = [];
        List<(string, Outcome)> outcomes = [];

        MulticlassTextClassificationTransformer SetFit(EncoderSource encoder, double? rate, int epochs)
        {
            SetFitOptions options = Options(new SetFitOptions(), settings, encoder);
            (options.Training.LearningRate, options.Training.Epochs) = (rate, epochs);
            return new MLContext(seed).MulticlassClassification.Trainers.SetFit(options).Fit(labeled);
        }

        MulticlassTextClassificationTransformer Distill(MulticlassTextClassificationTransformer teacher, bool soft)
        {
            SetFitDistillationOptions options = Options(new SetFitDistillationOptions { LabelledSet = labeled, SoftLabels = soft }, settings, settings.Student);
            (options.Training.LearningRate, options.Training.Epochs) = (settings.LearningRate, settings.Epochs);
            return new MLContext(seed).MulticlassClassification.Trainers.DistillSetFit(teacher, options).Fit(texts);
        }

        MulticlassTextClassificationTransformer Add(string method, Func<MulticlassTextClassificationTransformer> fit)
        {
            var watch = Stopwatch.StartNew();
            MulticlassTextClassificationTransformer model = fit();
            double fitted = watch.Elapsed.TotalSeconds;
            watch.Restart();
            string[] predictions = [.. model.Transform(test).GetColumn<uint>("PredictedLabel").Select(key => model.ClassNames[(int)key - 1])];
            double scored = watch.Elapsed.TotalSeconds;
            taught = method == Teacher ? predictions : taught;
            // Labels are compared by name: one that the drawn rows lack cannot be predicted and counts as wrong.
            var outcome = new Outcome(Share(data.Test.Select(row => row.Label), predictions), Share(taught, predictions), fitted, scored);
            outcomes.Add((method, outcome));
            Report.Progress(string.Create(CultureInfo.InvariantCulture, $"{@case}/{method} seed {seed}: accuracy {outcome.Accuracy:F4}, fitted in {fitted:F1} s, scored {predictions.Length} in {scored:F1} s"));
            return model;
        }

        using MulticlassTextClassificationTransformer teacher = Add(Teacher, () => SetFit(settings.Teacher, rate: null, epochs: 1));
        Add(Student, () => SetFit(settings.Student, settings.LearningRate, settings.Epochs)).Dispose();
        Add(Distilled, () => Distill(teacher, soft: false)).Dispose();
        Add(Soft, () => Distill(teacher, soft: true)).Dispose();
        return outcomes;
    }

    private static T Options<T>(T options, DistillSettings settings, EncoderSource encoder) where T : SetFitOptions
    {
        options.Sentence1ColumnName = nameof(TextRow.Text);
        options.Encoder = encoder;
        options.Precision = settings.Precision;
        options.MaxLength = settings.MaxLength;
        options.Pairs = new PairSampling { Iterations = settings.Iterations };
        return options;
    }

    private static double Share(IEnumerable<string> expected, string[] found) => expected.Zip(found).Count(pair => pair.First == pair.Second) / (double)found.Length;

    private sealed class UnlabeledRow
    {
        public string Text { get; set; } = "";
    }
}
