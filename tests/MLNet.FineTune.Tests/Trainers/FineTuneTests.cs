using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>The trainers with a real network: what they learn, and from what.</summary>
[TestClass]
public sealed class FineTuneTests
{
    private readonly MLContext _ml = new(7);

    public static IEnumerable<object[]> MethodsAndInputs => from method in Tiny.Methods from pairs in (bool[])[false, true] select new object[] { method, pairs };

    [TestMethod]
    [DynamicData(nameof(MethodsAndInputs))]
    public void Multiclass_learns_what_holds_for_other_rows(string method, bool pairs)
    {
        MulticlassFineTuneTrainer trainer = _ml.MulticlassClassification.Trainers.FineTune(Tiny.Options(method, pairs));
        IDataView train = Tiny.Load(_ml, Tiny.Make(120));
        using MulticlassTextClassificationTransformer model = trainer.Fit(train);
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(model.Transform(Tiny.Load(_ml, Tiny.Make(120, seed: 2))));
        Assert.IsGreaterThan(0.7, metrics.MicroAccuracy);
        Assert.IsLessThan(0.8 * Math.Log(3), metrics.LogLoss);
        OutputSchemaTests.AssertSame(trainer.GetOutputSchema(train.Schema.Shape()), model.GetOutputSchema(train.Schema).Shape());
    }

    [TestMethod]
    [DynamicData(nameof(MethodsAndInputs))]
    public void Binary_learns_what_holds_for_other_rows(string method, bool pairs)
    {
        BinaryFineTuneTrainer trainer = _ml.BinaryClassification.Trainers.FineTune(Binary(method, pairs));
        IDataView train = _ml.Data.LoadFromEnumerable(Tiny.Make(120));
        using BinaryTextClassificationTransformer model = trainer.Fit(train);
        CalibratedBinaryClassificationMetrics metrics = _ml.BinaryClassification.Evaluate(model.Transform(_ml.Data.LoadFromEnumerable(Tiny.Make(120, seed: 2))), nameof(Row.Positive));
        Assert.IsGreaterThan(0.8, metrics.AreaUnderRocCurve);
        OutputSchemaTests.AssertSame(trainer.GetOutputSchema(train.Schema.Shape()), model.GetOutputSchema(train.Schema).Shape());
    }

    /// <summary>Only the second text tells the label: a model that did not read it would be at chance.</summary>
    [TestMethod]
    public void The_second_text_of_a_pair_is_read()
    {
        List<Row> rows = [.. Tiny.Make(120).Select(row => new Row { Text = "the same text", Second = row.Text, Intent = row.Intent })];
        using var model = _ml.MulticlassClassification.Trainers.FineTune(Tiny.Options(pairs: true)).Fit(Tiny.Load(_ml, rows));
        Assert.IsGreaterThan(0.9, _ml.MulticlassClassification.Evaluate(model.Transform(Tiny.Load(_ml, rows))).MicroAccuracy);
    }

    /// <summary>The method with simple arguments is the one with options: same seed, same model, to the bit.</summary>
    [TestMethod]
    public void Simple_arguments_and_options_give_the_same_model()
    {
        List<Row> rows = Tiny.Make(24);
        var peft = new Lora { Rank = 2 };
        using var simple = new MLContext(3).MulticlassClassification.Trainers.FineTune(
            Tiny.Encoder(), "Label", nameof(Row.Text), nameof(Row.Second), "S", "P", peft, epochs: 2, batchSize: 8, validationSet: Tiny.Load(_ml, rows)).Fit(Tiny.Load(_ml, rows));
        using var full = new MLContext(3).MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
        {
            Encoder = Tiny.Encoder(), Sentence1ColumnName = nameof(Row.Text), Sentence2ColumnName = nameof(Row.Second), ScoreColumnName = "S",
            PredictedLabelColumnName = "P", Peft = peft, Training = { Epochs = 2, BatchSize = 8 }, ValidationSet = Tiny.Load(_ml, rows),
        }).Fit(Tiny.Load(_ml, rows));
        IDataView data = Tiny.Load(_ml, rows);
        Tiny.AssertSame([.. simple.Transform(data).GetColumn<float[]>("S")], [.. full.Transform(data).GetColumn<float[]>("S")]);
        Assert.IsNotNull(simple.GetOutputSchema(data.Schema).GetColumnOrNull("P"));

        using var simpleBinary = new MLContext(3).BinaryClassification.Trainers.FineTune(Tiny.Encoder(), nameof(Row.Positive), nameof(Row.Text), peft: peft, epochs: 2, batchSize: 8).Fit(data);
        using var fullBinary = new MLContext(3).BinaryClassification.Trainers.FineTune(new TextClassificationOptions
        {
            Encoder = Tiny.Encoder(), LabelColumnName = nameof(Row.Positive), Sentence1ColumnName = nameof(Row.Text), Peft = peft, Training = { Epochs = 2, BatchSize = 8 },
        }).Fit(data);
        CollectionAssert.AreEqual(simpleBinary.Transform(data).GetColumn<float>("Score").ToArray(), fullBinary.Transform(data).GetColumn<float>("Score").ToArray());
    }

    [TestMethod]
    public void The_seed_of_the_context_decides_the_model()
    {
        IDataView data = Tiny.Load(_ml, Tiny.Make(24));
        TextClassificationOptions options = Tiny.Options("lora", epochs: 2, encoder: Tiny.Encoder(dropout: 0.1));
        using var first = new MLContext(5).MulticlassClassification.Trainers.FineTune(options).Fit(data);
        MulticlassFineTuneTrainer trainer = new MLContext(5).MulticlassClassification.Trainers.FineTune(options);
        using var second = trainer.Fit(data);
        using var again = trainer.Fit(data);
        using var other = new MLContext(6).MulticlassClassification.Trainers.FineTune(options).Fit(data);
        float[][] scores = Tiny.Scores(first, data);
        Tiny.AssertSame(scores, Tiny.Scores(second, data));
        Tiny.AssertSame(scores, Tiny.Scores(again, data));
        Assert.IsFalse(scores.SelectMany(row => row).SequenceEqual(Tiny.Scores(other, data).SelectMany(row => row)));
    }

    /// <summary>What validation reported last best is what the fitted model gives on the same rows: the best weights were kept.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void The_model_is_the_best_on_the_validation_rows(bool ownSet)
    {
        List<double> reported = [];
        TextClassificationOptions options = Tiny.Options(epochs: 5);
        options.Training.LearningRate = 2e-2; // unsteady, so that the last epoch need not be the best
        options.Training.EvaluateEverySteps = 1;
        options.Training.ValidationMetric = ValidationMetric.LogLoss;
        options.Training.Progress = new Sink<TrainingProgress>(progress => reported.Add(progress.ValidationMetric ?? double.NaN));
        IDataView held = Tiny.Load(_ml, Tiny.Make(30, seed: 3));
        if (ownSet)
            options.ValidationSet = held;
        else
            options.Training.ValidationFraction = 0.3;
        using var model = _ml.MulticlassClassification.Trainers.FineTune(options).Fit(Tiny.Load(_ml, Tiny.Make(40)));
        double best = reported.Where(double.IsFinite).Min();
        Assert.IsGreaterThan(best, reported.Where(double.IsFinite).Max());
        if (ownSet)
            Assert.AreEqual(best, _ml.MulticlassClassification.Evaluate(model.Transform(held)).LogLoss, 1e-4);
    }

    /// <summary>Each text occurs with its right label, which weighs, and with a wrong one, which does not.</summary>
    [TestMethod]
    public void Example_weights_decide_between_contradicting_rows()
    {
        List<Row> rows = Tiny.Make(90);
        Row Wrong(Row row) => new() { Text = row.Text, Intent = Rows.Intents[(Array.IndexOf(Rows.Intents, row.Intent) + 1) % 3], Weight = 0 };
        rows.ForEach(row => row.Weight = 1);
        TextClassificationOptions options = Tiny.Options();
        options.ExampleWeightColumnName = nameof(Row.Weight);
        using var model = _ml.MulticlassClassification.Trainers.FineTune(options).Fit(Tiny.Load(_ml, rows.Concat(rows.Select(Wrong))));
        Assert.IsGreaterThan(0.9, _ml.MulticlassClassification.Evaluate(model.Transform(Tiny.Load(_ml, rows))).MicroAccuracy);
    }

    [TestMethod]
    public void A_class_without_examples_has_a_score_and_is_not_predicted()
    {
        List<Row> rows = [.. Tiny.Make(90).Where(row => row.Intent != "login")];
        using var two = _ml.MulticlassClassification.Trainers.FineTune(Tiny.Options()).Fit(Tiny.Load(_ml, rows));
        IDataView scored = two.Transform(Tiny.Load(_ml, Tiny.Make(40)));
        CollectionAssert.AreEqual(Rows.Intents, two.ClassNames.ToArray());
        Assert.IsTrue(scored.GetColumn<float[]>("Score").All(score => score.Length == 3 && score[2] < score.Max()));
        Assert.HasCount(3, _ml.MulticlassClassification.Evaluate(scored).ConfusionMatrix.PerClassRecall);
    }

    /// <summary>Texts no tokenizer has letters for: empty, blanks, control characters, half a surrogate pair, one word of 10,000 letters.</summary>
    [TestMethod]
    public void Odd_texts_train_and_score()
    {
        string?[] odd = [null, "", "   \t", "\0\u0001\uFFFF", "\uD83D", "😀😀", new string('x', 10_000), "日本語テキスト", "\u202Eright to left"];
        IEnumerable<Row> rows = Tiny.Make(20).Concat(odd.Select((text, i) => new Row { Text = text, Second = odd[^(i + 1)], Intent = Rows.Intents[i % 3] }));
        using var model = _ml.MulticlassClassification.Trainers.FineTune(Tiny.Options(pairs: true, epochs: 1)).Fit(Tiny.Load(_ml, rows));
        Assert.IsTrue(Tiny.Scores(model, Tiny.Load(_ml, rows)).All(score => Math.Abs(score.Sum() - 1) < 1e-5));
    }

    /// <summary>More letters than the vocabulary has room for: the rarest are unknown, the others are learnt.</summary>
    [TestMethod]
    public void A_script_of_many_letters_fits_into_a_small_vocabulary()
    {
        List<Row> rows = [.. Enumerable.Range(0, 90).Select(i => new Row { Text = $"{(char)(0x4E00 + i % 3)}{(char)(0x5000 + 5 * i)}{(char)(0x6000 + 7 * i)}", Intent = Rows.Intents[i % 3] })];
        using var model = _ml.MulticlassClassification.Trainers.FineTune(Tiny.Options()).Fit(Tiny.Load(_ml, rows));
        Assert.IsGreaterThan(0.9, _ml.MulticlassClassification.Evaluate(model.Transform(Tiny.Load(_ml, rows))).MicroAccuracy);
    }

    private static TextClassificationOptions Binary(string method, bool pairs)
    {
        TextClassificationOptions options = Tiny.Options(method, pairs);
        options.LabelColumnName = nameof(Row.Positive);
        return options;
    }
}
