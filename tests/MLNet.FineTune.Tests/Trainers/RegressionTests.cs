using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>The trainer that predicts numbers, with a real network.</summary>
[TestClass]
public sealed partial class RegressionTests
{
    private static readonly string[] Words = ["good", "bad", "the", "film", "plot", "was", "rather"];

    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow("full")]
    [DataRow("lora")]
    public void Learns_what_holds_for_other_rows(string method)
    {
        RegressionFineTuneTrainer trainer = _ml.Regression.Trainers.FineTune(Options(method));
        IDataView train = Load(Make(150));
        using TextRegressionTransformer model = trainer.Fit(train);
        RegressionMetrics metrics = _ml.Regression.Evaluate(model.Transform(Load(Make(80, seed: 2))));
        Assert.IsGreaterThan(0.7, metrics.RSquared);
        OutputSchemaTests.AssertSame(trainer.GetOutputSchema(train.Schema.Shape()), model.GetOutputSchema(train.Schema).Shape());
    }

    /// <summary>The same texts with numbers in another unit give the same model, in that unit.</summary>
    [TestMethod]
    public void The_unit_of_the_numbers_does_not_matter()
    {
        List<Scored> rows = Make(30);
        List<Scored> other = [.. rows.Select(row => row with { Label = 100 * row.Label + 5000 })];
        TextRegressionOptions options = Options("full", epochs: 2);
        using var small = new MLContext(1).Regression.Trainers.FineTune(options).Fit(Load(rows));
        using var large = new MLContext(1).Regression.Trainers.FineTune(options).Fit(Load(other));
        foreach ((float score, float scaled) in Scores(small, rows).Zip(Scores(large, rows)))
            Assert.AreEqual(100 * score + 5000, scaled, 0.5f);
    }

    /// <summary>By default the head is ridge regression where the encoder is made for embeddings and texts are few.</summary>
    [TestMethod]
    public void Training_starts_from_a_fitted_head()
    {
        Assert.IsLessThan(0.8 * FirstLoss(HeadInitialization.Random, 128), FirstLoss(HeadInitialization.LinearProbe, 128));
        Assert.AreEqual(FirstLoss(HeadInitialization.LinearProbe, 128), FirstLoss(HeadInitialization.Auto, 128));
        Assert.AreEqual(FirstLoss(HeadInitialization.Random, 129), FirstLoss(HeadInitialization.Auto, 129));

        double FirstLoss(HeadInitialization start, int rows)
        {
            double first = double.NaN;
            TextRegressionOptions options = Options("full", epochs: 1);
            (options.Encoder, options.HeadInitialization, options.Training.BatchSize) = (EncoderSource.Default, start, 256);
            options.Training.Progress = new Sink<TrainingProgress>(p => first = p.Step == 1 ? p.Loss : first);
            new MLContext(7).Regression.Trainers.FineTune(options).Fit(Load(Reviews(rows))).Dispose();
            return first;
        }

        // Words of many kinds: where all texts are alike, dropout moves their embeddings further than they are apart.
        static List<Scored> Reviews(int count)
        {
            string[] good = ["great", "lovely", "superb", "funny", "moving"], bad = ["dull", "awful", "poor", "boring", "ugly"], about = ["the music", "her voice", "a plot", "the food", "this book", "our hotel", "the engine", "his shoes"];
            var random = new Random(1);
            return [.. Enumerable.Range(0, count).Select(_ =>
            {
                string[] words = [.. Enumerable.Range(0, 4).Select(_ => random.Next(2) == 0 ? good[random.Next(5)] : bad[random.Next(5)])];
                return new Scored { Text = $"{about[random.Next(8)]} is {string.Join(" and ", words)}", Label = words.Count(good.Contains) };
            })];
        }
    }

    /// <summary>What the head was fitted to stays where nothing else trains it away.</summary>
    [TestMethod]
    public void The_fitted_head_predicts_numbers_in_their_own_unit()
    {
        TextRegressionOptions options = Options("full", epochs: 1);
        (options.Encoder, options.HeadInitialization, options.Training.LearningRate) = (EncoderSource.Default, HeadInitialization.LinearProbe, 1e-9);
        List<Scored> rows = [.. Make(100).Select(row => row with { Label = 100 * row.Label + 5000 })];
        using var model = _ml.Regression.Trainers.FineTune(options).Fit(Load(rows));
        Assert.IsGreaterThan(0.8, _ml.Regression.Evaluate(model.Transform(Load(rows))).RSquared);
    }

    [TestMethod]
    public void Only_the_second_text_tells_the_number()
    {
        List<Scored> rows = [.. Make(100).Select(row => row with { Text = "the same text", Second = row.Text })];
        TextRegressionOptions options = Options("full");
        options.Sentence2ColumnName = nameof(Scored.Second);
        using var model = _ml.Regression.Trainers.FineTune(options).Fit(Load(rows));
        Assert.IsGreaterThan(0.8, _ml.Regression.Evaluate(model.Transform(Load(rows))).RSquared);
    }

    [TestMethod]
    public void Simple_arguments_and_options_give_the_same_model()
    {
        List<Scored> rows = Make(24);
        var peft = new Lora { Rank = 2 };
        using var simple = new MLContext(3).Regression.Trainers.FineTune(Tiny.Encoder(), sentence1ColumnName: nameof(Scored.Text), scoreColumnName: "S", peft: peft, epochs: 2, batchSize: 8, validationSet: Load(rows)).Fit(Load(rows));
        using var full = new MLContext(3).Regression.Trainers.FineTune(new TextRegressionOptions
        {
            Encoder = Tiny.Encoder(), Sentence1ColumnName = nameof(Scored.Text), ScoreColumnName = "S", Peft = peft, Training = { Epochs = 2, BatchSize = 8 }, ValidationSet = Load(rows),
        }).Fit(Load(rows));
        CollectionAssert.AreEqual(Scores(simple, rows, "S"), Scores(full, rows, "S"));
    }

    [TestMethod]
    public void A_saved_model_scores_the_same_and_merges()
    {
        List<Scored> rows = Make(24);
        using TextRegressionTransformer model = _ml.Regression.Trainers.FineTune(Options("lora", epochs: 2)).Fit(Load(rows));
        float[] expected = Scores(model, rows);
        using var zip = new MemoryStream();
        _ml.Model.Save(model, Load(rows).Schema, zip);
        zip.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(zip, out _);
        CollectionAssert.AreEqual(expected, Scores(loaded, rows));
        ((IDisposable)loaded).Dispose();

        using TextRegressionTransformer merged = model.MergeAdapter();
        foreach ((float score, float of) in expected.Zip(Scores(merged, rows)))
            Assert.AreEqual(score, of, 1e-4f);
        Assert.IsGreaterThan(0L, model.DescribeParameters().TrainableCount);
        using PredictionEngine<Scored, Prediction> engine = _ml.Model.CreatePredictionEngine<Scored, Prediction>(model, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.AreEqual(expected[0], engine.Predict(rows[0]).Score, 1e-5f);
    }

    /// <summary>Rows of weight 0 with numbers far off change nothing but the scale.</summary>
    [TestMethod]
    public void Weights_count()
    {
        List<Scored> rows = [.. Make(80), .. Make(20, seed: 3).Select(row => row with { Label = 3 - row.Label, Weight = 0 })];
        TextRegressionOptions options = Options("full");
        options.ExampleWeightColumnName = nameof(Scored.Weight);
        using var model = _ml.Regression.Trainers.FineTune(options).Fit(Load(rows));
        Assert.IsGreaterThan(0.7, _ml.Regression.Evaluate(model.Transform(Load(Make(80)))).RSquared);
    }

    [TestMethod]
    [DataRow(ValidationMetric.RootMeanSquaredError)]
    [DataRow(ValidationMetric.RSquared)]
    [DataRow(ValidationMetric.SpearmanCorrelation)]
    public void The_validation_metric_is_that_of_the_evaluator(ValidationMetric metric)
    {
        List<Scored> rows = Make(40), held = Make(30, seed: 2);
        var progress = new List<TrainingProgress>();
        TextRegressionOptions options = Options("full", epochs: 1);
        options.ValidationSet = Load(held);
        options.Training.ValidationMetric = metric;
        options.Training.Progress = new Sink<TrainingProgress>(progress.Add);
        using var model = _ml.Regression.Trainers.FineTune(options).Fit(Load(rows));

        RegressionMetrics metrics = _ml.Regression.Evaluate(model.Transform(Load(held)));
        double expected = metric switch
        {
            ValidationMetric.RootMeanSquaredError => metrics.RootMeanSquaredError,
            ValidationMetric.RSquared => metrics.RSquared,
            _ => Spearman(Scores(model, held), [.. held.Select(row => row.Label)]),
        };
        Assert.AreEqual(expected, progress[^1].ValidationMetric!.Value, 1e-3);
    }

    [TestMethod]
    public void A_share_of_the_rows_is_held_out()
    {
        TextRegressionOptions options = Options("full", epochs: 2);
        options.Training.ValidationFraction = 0.2;
        var progress = new List<TrainingProgress>();
        options.Training.Progress = new Sink<TrainingProgress>(progress.Add);
        using var model = _ml.Regression.Trainers.FineTune(options).Fit(Load(Make(40)));
        Assert.AreEqual(4 * 2, progress[^1].TotalSteps);
        Assert.IsNotNull(progress[^1].ValidationMetric);
    }

    [TestMethod]
    public void Mistakes_are_named()
    {
        List<Scored> rows = Make(10);
        Message<InvalidOperationException>("All 10 rows of the training set have the number 2 in the column 'Label'", () => Fit([.. rows.Select(row => row with { Label = 2 })]));
        Message<InvalidOperationException>("The label of row 3 (counted from 0) of the training set, column 'Label', is Infinity; expected a finite number", () => Fit([.. rows.Select((row, i) => i == 3 ? row with { Label = float.PositiveInfinity } : row)]));
        Message<InvalidOperationException>("None of the 10 rows of the training set has a label", () => Fit([.. rows.Select(row => row with { Label = float.NaN })]));
        Message<ArgumentOutOfRangeException>("must be Single or Double, but it is String", () => _ml.Regression.Trainers.FineTune(Options("full", label: nameof(Scored.Text2))).Fit(Load(rows)));
        Message<ArgumentException>("TextRegressionOptions.Training.LabelSmoothing is 0.1; expected 0", () => With(training => training.LabelSmoothing = 0.1));
        Message<ArgumentException>("TextRegressionOptions.Training.ClassWeighting is Balanced; expected none", () => With(training => training.ClassWeighting = ClassWeighting.Balanced));
        Message<ArgumentException>("TextRegressionOptions.Training.ValidationMetric is Accuracy; expected RootMeanSquaredError, RSquared or SpearmanCorrelation", () => With(training => (training.ValidationFraction, training.ValidationMetric) = (0.1, ValidationMetric.Accuracy)));
        var classification = Tiny.Options();
        (classification.Training.ValidationFraction, classification.Training.ValidationMetric) = (0.2, ValidationMetric.RSquared);
        Message<ArgumentException>("RSquared is not defined for classes", () => Tiny.Fit(_ml, classification));

        // NaN is a missing label: such rows are skipped.
        using var model = Fit([.. rows, rows[0] with { Label = float.NaN }]);
        Assert.IsTrue(float.IsFinite(Scores(model, rows)[0]));

        void With(Action<TrainingOptions> change)
        {
            TextRegressionOptions options = Options("full");
            change(options.Training);
            _ml.Regression.Trainers.FineTune(options);
        }

        TextRegressionTransformer Fit(List<Scored> scored) => _ml.Regression.Trainers.FineTune(Options("full", epochs: 1)).Fit(Load(scored));

        static void Message<T>(string expected, Action action) where T : Exception => Assert.Contains(expected, Assert.ThrowsExactly<T>(action).Message);
    }

    private static TextRegressionOptions Options(string method, int epochs = 8, string label = "Label") => new()
    {
        LabelColumnName = label,
        Sentence1ColumnName = nameof(Scored.Text),
        Encoder = Tiny.Encoder(),
        Peft = Tiny.Method(method),
        Pooling = PoolingMode.Mean,
        Precision = Precision.Float32,
        Training = { Epochs = epochs, BatchSize = 8, LearningRate = method == "lora" ? 1e-2 : 5e-3 },
    };

    /// <summary>How good a film is said to be: 1.5 and half of the good words less half of the bad ones.</summary>
    private static List<Scored> Make(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            string[] words = [.. Enumerable.Range(0, 6).Select(_ => Words[random.Next(Words.Length)])];
            return new Scored { Text = string.Join(' ', words), Label = 1.5f + 0.5f * (words.Count(word => word == "good") - words.Count(word => word == "bad")) };
        })];
    }

    private IDataView Load(IEnumerable<Scored> rows) => _ml.Data.LoadFromEnumerable(rows);

    private float[] Scores(ITransformer model, IEnumerable<Scored> rows, string column = "Score") => [.. model.Transform(Load(rows)).GetColumn<float>(column)];

    /// <summary>By counting the pairs of other rows that each row is above.</summary>
    private static double Spearman(float[] x, float[] y)
    {
        double[] a = [.. x.Select(value => x.Count(other => other < value) + 0.5 * x.Count(other => other == value))];
        double[] b = [.. y.Select(value => y.Count(other => other < value) + 0.5 * y.Count(other => other == value))];
        double meanA = a.Average(), meanB = b.Average();
        return a.Zip(b, (p, q) => (p - meanA) * (q - meanB)).Sum() / Math.Sqrt(a.Sum(p => (p - meanA) * (p - meanA)) * b.Sum(q => (q - meanB) * (q - meanB)));
    }

    private sealed record Scored
    {
        public string Text { get; set; } = "";
        public string Second { get; set; } = "";
        public string Text2 { get; set; } = "";
        public float Label { get; set; }
        public float Weight { get; set; } = 1;
    }

    private sealed class Prediction
    {
        public float Score { get; set; }
    }
}
