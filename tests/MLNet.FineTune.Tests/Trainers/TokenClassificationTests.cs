using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>The trainer that classifies words, with a real network.</summary>
[TestClass]
public sealed partial class TokenClassificationTests
{
    private static readonly string[] Names = ["anna", "bert", "carla"], Places = ["york", "rome", "oslo"], Others = ["went", "to", "the", "from", "with"];
    private static readonly string[] Tags = ["O", "B-PER", "B-LOC", "I-LOC"];

    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow("full")]
    [DataRow("lora")]
    public void Learns_what_holds_for_other_rows(string method)
    {
        TokenFineTuneTrainer trainer = _ml.MulticlassClassification.Trainers.FineTuneTokens(Options(method, epochs: 15));
        IDataView train = Load(Make(100));
        using TokenClassificationTransformer model = trainer.Fit(train);
        TokenClassificationMetrics metrics = _ml.FineTuning().EvaluateTokens(model.Transform(Load(Make(40, seed: 2))));
        Assert.IsGreaterThan(0.9, metrics.EntityF1);
        CollectionAssert.AreEqual(Tags, model.ClassNames.ToArray());
        OutputSchemaTests.AssertSame(trainer.GetOutputSchema(train.Schema.Shape()), model.GetOutputSchema(train.Schema).Shape());
    }

    /// <summary>Methods of each kind: those that put vectors before the words, that read all hidden states, that try methods out, that decide from gradients.</summary>
    [TestMethod]
    [DataRow("p-tuning-v2(length=4) | head")]
    [DataRow("prompt-tuning(length=4)")]
    [DataRow("p-tuning(length=4)")]
    [DataRow("ept")]
    [DataRow("ptec")]
    [DataRow("unipt")]
    [DataRow("bottleneck")]
    [DataRow("autolora")]
    [DataRow("sub-tuning")]
    [DataRow("sparse")]
    [DataRow("layer-norm(share=0.5)")]
    [DataRow("half")]
    public void Methods_train_and_are_saved(string method)
    {
        TokenClassificationOptions options = Options("lora", epochs: 1);
        (options.Peft, options.Training.LearningRate) = (PeftMethod.Parse(method), null);
        IDataView rows = Load(Make(24));
        using TokenClassificationTransformer model = _ml.MulticlassClassification.Trainers.FineTuneTokens(options).Fit(rows);
        using var zip = new MemoryStream();
        _ml.Model.Save(model, rows.Schema, zip);
        zip.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(zip, out _);
        Tiny.AssertSame(Scores(model, rows), Scores(loaded, rows));
        ((IDisposable)loaded).Dispose();
    }

    /// <summary>The predicted labels are one a word, whatever the row is batched with; the score is the probability of the label.</summary>
    [TestMethod]
    public void Batches_and_single_rows_give_the_same()
    {
        List<Tagged> rows = [.. Make(40), new Tagged(), new Tagged { Words = [""] }, new Tagged { Words = [.. Enumerable.Repeat("rome", 100)] }];
        using TokenClassificationTransformer model = _ml.MulticlassClassification.Trainers.FineTuneTokens(Options("full", epochs: 2)).Fit(Load(Make(40)));
        model.WindowRows = 8;
        IDataView output = model.Transform(Load(rows));
        uint[][] keys = [.. output.GetColumn<uint[]>("PredictedLabel")];
        float[][] scores = [.. output.GetColumn<float[]>("Score")];
        using PredictionEngine<Tagged, Prediction> engine = _ml.Model.CreatePredictionEngine<Tagged, Prediction>(model, new PredictionEngineOptions { OwnsTransformer = false });
        for (int row = 0; row < rows.Count; row++)
        {
            Prediction single = engine.Predict(rows[row]);
            Assert.HasCount(rows[row].Words.Length, keys[row]);
            CollectionAssert.AreEqual(keys[row], single.PredictedLabel);
            for (int word = 0; word < scores[row].Length; word++)
                Assert.AreEqual(scores[row][word], single.Score[word], 1e-4f);
        }
        Assert.AreEqual((0u, true), (keys[41][0], float.IsNaN(scores[41][0])));
        Assert.IsTrue(keys[42].All(key => key > 0), "A word beyond the maximum length has no label.");
        Assert.IsTrue(scores[0].All(score => score is > 0.25f and <= 1));
    }

    [TestMethod]
    public void A_saved_model_predicts_the_same_and_merges()
    {
        IDataView rows = Load(Make(24));
        using TokenClassificationTransformer model = _ml.MulticlassClassification.Trainers.FineTuneTokens(Options("lora", epochs: 2)).Fit(rows);
        float[][] expected = Scores(model, rows);
        using var zip = new MemoryStream();
        _ml.Model.Save(model, rows.Schema, zip);
        zip.Position = 0;
        var chain = new TransformerChain<ITransformer>(new MLContext().Model.Load(zip, out _));
        Tiny.AssertSame(expected, Scores(chain, rows));
        string[][] names = [.. _ml.Transforms.Conversion.MapKeyToValue("Names", "PredictedLabel").Fit(chain.Transform(rows)).Transform(chain.Transform(rows)).GetColumn<string[]>("Names")];
        Assert.IsTrue(names.SelectMany(row => row).All(Tags.Contains));

        using TokenClassificationTransformer merged = model.MergeAdapter();
        foreach ((float[] row, float[] of) in expected.Zip(Scores(merged, rows)))
            foreach ((float score, float other) in row.Zip(of))
                Assert.AreEqual(score, other, 1e-4f);
        using var folder = new TemporaryFolder();
        model.SaveAdapter(folder.Path);
        Assert.Contains("TOKEN_CLS", File.ReadAllText(folder.File("adapter_config.json")));
        Assert.IsGreaterThan(0L, model.DescribeParameters().TrainableCount);
    }

    [TestMethod]
    public void Simple_arguments_and_options_give_the_same_model()
    {
        IDataView rows = Load(Make(24));
        var peft = new Lora { Rank = 2 };
        using var simple = new MLContext(3).MulticlassClassification.Trainers.FineTuneTokens(Tiny.Encoder(), sentence1ColumnName: nameof(Tagged.Words), scoreColumnName: "S", peft: peft, epochs: 2, batchSize: 8, validationSet: rows).Fit(rows);
        using var full = new MLContext(3).MulticlassClassification.Trainers.FineTuneTokens(new TokenClassificationOptions
        {
            Encoder = Tiny.Encoder(), Sentence1ColumnName = nameof(Tagged.Words), ScoreColumnName = "S", Peft = peft, Training = { Epochs = 2, BatchSize = 8 }, ValidationSet = rows,
        }).Fit(rows);
        Tiny.AssertSame(Scores(simple, rows, "S"), Scores(full, rows, "S"));
    }

    /// <summary>Words whose label is missing count neither in training nor in measuring; a row of no other is left out.</summary>
    [TestMethod]
    public void Missing_labels_are_not_learnt()
    {
        List<Tagged> rows = Make(60);
        List<Tagged> partly = [.. rows.Select(row => row with { Labels = [.. row.Words.Zip(row.Labels, (word, tag) => word == "the" ? "?" : tag)] }), new Tagged { Words = ["the"], Labels = ["?"] }];
        using TokenClassificationTransformer model = _ml.MulticlassClassification.Trainers.FineTuneTokens(Options("full")).Fit(Load(partly));
        TokenClassificationMetrics metrics = _ml.FineTuning().EvaluateTokens(model.Transform(Load(partly)));
        Assert.AreEqual(rows.Sum(row => row.Words.Count(word => word != "the")), metrics.TokenCount);
        Assert.IsGreaterThan(0.9, metrics.TokenAccuracy);
    }

    [TestMethod]
    [DataRow(ValidationMetric.Accuracy)]
    [DataRow(ValidationMetric.EntityF1)]
    [DataRow(ValidationMetric.LogLoss)]
    public void The_validation_metric_is_that_of_the_evaluator(ValidationMetric metric)
    {
        IDataView held = Load(Make(30, seed: 2));
        var progress = new List<TrainingProgress>();
        TokenClassificationOptions options = Options("full", epochs: 1);
        (options.ValidationSet, options.Training.ValidationMetric, options.Training.Progress) = (held, metric, new Sink<TrainingProgress>(progress.Add));
        using var model = _ml.MulticlassClassification.Trainers.FineTuneTokens(options).Fit(Load(Make(40)));
        TokenClassificationMetrics metrics = _ml.FineTuning().EvaluateTokens(model.Transform(held));
        double found = progress[^1].ValidationMetric!.Value;
        if (metric == ValidationMetric.LogLoss)
            Assert.IsGreaterThan(0, found);
        else
            Assert.AreEqual(metric == ValidationMetric.Accuracy ? metrics.TokenAccuracy : metrics.EntityF1, found, 1e-6);
    }

    [TestMethod]
    public void A_share_of_the_rows_is_held_out_and_class_weights_follow_the_words()
    {
        TokenClassificationOptions options = Options("lora", epochs: 2);
        (options.Training.ValidationFraction, options.Training.ClassWeighting) = (0.2, ClassWeighting.Balanced);
        var progress = new List<TrainingProgress>();
        options.Training.Progress = new Sink<TrainingProgress>(progress.Add);
        using var model = _ml.MulticlassClassification.Trainers.FineTuneTokens(options).Fit(Load(Make(40)));
        Assert.AreEqual(4 * 2, progress[^1].TotalSteps);
        Assert.IsNotNull(progress[^1].ValidationMetric);
    }

    /// <summary>Hand-counted: of nine words with a label six are right; of three entities two are found, and of three that are predicted two are right.</summary>
    [TestMethod]
    public void Evaluates_words_and_entities()
    {
        Pair[] rows =
        [
            new() { Label = ["I-PER", "O", "B-LOC", "I-LOC"], PredictedLabel = ["B-PER", "O", "B-LOC", "I-LOC"] },
            new() { Label = ["B-ORG", "O", "?", "O"], PredictedLabel = ["?", "O", "B-PER", "O"] },
            new() { Label = ["O"], PredictedLabel = ["B-ORG"] },
            new() { Label = ["O"], PredictedLabel = ["O"] },
            new() { Label = ["?"], PredictedLabel = ["I-LOC"] },
        ];
        TokenClassificationMetrics metrics = Evaluate(rows);
        Assert.AreEqual((9L, 3L), (metrics.TokenCount, metrics.EntityCount));
        Assert.AreEqual(6 / 9.0, metrics.TokenAccuracy, 1e-12);
        Assert.AreEqual(2 / 3.0, metrics.EntityPrecision, 1e-12);
        Assert.AreEqual(2 / 3.0, metrics.EntityRecall, 1e-12);
        Assert.AreEqual(2 / 3.0, metrics.EntityF1, 1e-12);
        Assert.Contains("Row 1 (counted from 0) has 2 labels in the column 'Label' and 1 in 'PredictedLabel'", Assert.ThrowsExactly<InvalidOperationException>(() => Evaluate([rows[0], new Pair { Label = ["O", "O"], PredictedLabel = ["O"] }])).Message);
        Assert.Contains("no words with labels in 'Label'", Assert.ThrowsExactly<InvalidOperationException>(() => Evaluate([new Pair { Label = ["?"], PredictedLabel = ["O"] }])).Message);
        Assert.Contains("a vector of keys, one for each word", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.FineTuning().EvaluateTokens(_ml.Data.LoadFromEnumerable(rows))).Message);
    }

    [TestMethod]
    public void Mistakes_are_named()
    {
        List<Tagged> rows = Make(10);
        Message<InvalidOperationException>("Row 3 (counted from 0) of the training set has 2 words in the column 'Words' and 3 labels in the column 'Label'", () => Fit([.. rows.Select((row, i) => i == 3 ? new Tagged { Words = ["a", "b"], Labels = ["O", "O", "O"] } : row)]));
        Message<InvalidOperationException>("have one class, 'B-LOC'", () => Fit([.. rows.Select(row => row with { Labels = [.. row.Words.Select(_ => "B-LOC")] })]));
        Message<InvalidOperationException>("None of the 10 rows of the training set has a label", () => Fit([.. rows.Select(row => row with { Labels = [.. row.Words.Select(_ => "?")] })]));
        Message<ArgumentOutOfRangeException>("'Text' must be a vector of text (String), a word each", () => With(options => options.Sentence1ColumnName = nameof(Tagged.Text)));
        Message<ArgumentOutOfRangeException>("'Labels' must be a vector of keys, one for each word", () => With(options => options.LabelColumnName = nameof(Tagged.Labels)));
        Message<ArgumentException>("TokenClassificationOptions.Sentence2ColumnName is Text; expected null", () => With(options => options.Sentence2ColumnName = nameof(Tagged.Text)));
        Message<ArgumentException>("TokenClassificationOptions.Pooling is Mean; expected null", () => With(options => options.Pooling = PoolingMode.Mean));
        Message<ArgumentException>("TokenClassificationOptions.Truncation is Tail; expected LongestFirst or Head", () => With(options => options.Truncation = Truncation.Tail));
        Message<ArgumentException>("TokenClassificationOptions.Training.ValidationMetric is RSquared; expected Accuracy, MacroF1, LogLoss or EntityF1", () => With(options => (options.Training.ValidationFraction, options.Training.ValidationMetric) = (0.1, ValidationMetric.RSquared)));
        var classification = Tiny.Options();
        (classification.Training.ValidationFraction, classification.Training.ValidationMetric) = (0.2, ValidationMetric.EntityF1);
        Message<ArgumentException>("EntityF1 is not defined for classes", () => Tiny.Fit(_ml, classification));

        using TokenClassificationTransformer model = Fit(rows);
        Message<ArgumentOutOfRangeException>("'Words' must be a vector of text", () => model.Transform(_ml.Transforms.CopyColumns("Words", "Text").Fit(Load(rows)).Transform(Load(rows))));
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Transform(Load(rows)));

        void With(Action<TokenClassificationOptions> change)
        {
            TokenClassificationOptions options = Options("full", epochs: 1);
            change(options);
            _ml.MulticlassClassification.Trainers.FineTuneTokens(options).Fit(Load(rows)).Dispose();
        }

        TokenClassificationTransformer Fit(List<Tagged> tagged) => _ml.MulticlassClassification.Trainers.FineTuneTokens(Options("full", epochs: 1)).Fit(Load(tagged));

        static void Message<T>(string expected, Action action) where T : Exception => Assert.Contains(expected, Assert.ThrowsExactly<T>(action).Message);
    }

    private static TokenClassificationOptions Options(string method, int epochs = 5) => new()
    {
        Sentence1ColumnName = nameof(Tagged.Words),
        Encoder = Tiny.Encoder(),
        Peft = Tiny.Method(method),
        Precision = Precision.Float32,
        Training = { Epochs = epochs, BatchSize = 8, LearningRate = method == "lora" ? 1e-2 : 5e-3 },
    };

    /// <summary>Names, and places of one word or, after "new", of two: the tag of a place depends on the word before it.</summary>
    private static List<Tagged> Make(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            List<(string Word, string Tag)> words = [];
            for (int i = random.Next(2, 6); i >= 0; i--)
                words.AddRange(random.Next(4) switch
                {
                    0 => [(Names[random.Next(3)], "B-PER")],
                    1 => [(Places[random.Next(3)], "B-LOC")],
                    2 => [("new", "B-LOC"), (Places[random.Next(3)], "I-LOC")],
                    _ => ((string, string)[])[(Others[random.Next(Others.Length)], "O")],
                });
            return new Tagged { Words = [.. words.Select(word => word.Word)], Labels = [.. words.Select(word => word.Tag)] };
        })];
    }

    private IDataView Load(IEnumerable<Tagged> rows) => Keys(_ml.Data.LoadFromEnumerable(rows), "Label", "Labels", Tags);

    private TokenClassificationMetrics Evaluate(Pair[] rows)
    {
        string[] tags = [.. Tags, "I-PER", "B-ORG"];
        // The keys of the two differ; their values are the same.
        IDataView data = Keys(_ml.Data.LoadFromEnumerable(rows), "Label", "Label", tags);
        return _ml.FineTuning().EvaluateTokens(Keys(data, "PredictedLabel", "PredictedLabel", [.. tags.Reverse()]));
    }

    /// <summary>With a key of these values; others are missing.</summary>
    private IDataView Keys(IDataView data, string output, string input, string[] values) =>
        _ml.Transforms.Conversion.MapValueToKey(output, input, keyData: _ml.Data.LoadFromEnumerable(values.Select(value => new Value { Tag = value }))).Fit(data).Transform(data);

    private static float[][] Scores(ITransformer model, IDataView rows, string column = "Score") => [.. model.Transform(rows).GetColumn<float[]>(column)];

    private sealed record Tagged
    {
        public string Text { get; set; } = "";
        public string[] Words { get; set; } = [];
        public string[] Labels { get; set; } = [];
    }

    private sealed class Pair
    {
        public string[] Label { get; set; } = [];
        public string[] PredictedLabel { get; set; } = [];
    }

    private sealed class Value
    {
        public string Tag { get; set; } = "";
    }

    private sealed class Prediction
    {
        [KeyType(4)]
        public uint[] PredictedLabel { get; set; } = [];
        public float[] Score { get; set; } = [];
    }
}
