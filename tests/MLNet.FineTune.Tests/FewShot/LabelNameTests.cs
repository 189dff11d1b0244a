using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.FewShot;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.FewShot;

/// <summary>Examples made of class names.</summary>
[TestClass]
public sealed class LabelNameTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow("Business", "Business")]
    [DataRow("Sci/Tech", "Sci/Tech")]
    [DataRow("card_arrival", "card arrival")]
    [DataRow("__Refund_not_showing_up_", "Refund not showing up")]
    [DataRow("cardArrival", "card arrival")]
    [DataRow("CardArrivalDate", "Card arrival date")]
    [DataRow("HTTPError", "HTTP error")]
    [DataRow("parseHTTPRequest2Body", "parse HTTP request2 body")]
    [DataRow("the iPhone", "the iPhone")]
    [DataRow("planB", "plan b")]
    [DataRow("7", "7")]
    public void Names_become_words(string name, string words) => Assert.AreEqual(words, LabelNameTemplate.Words(name));

    [TestMethod]
    public void Examples_of_names_have_each_name_in_the_template_as_often_as_asked()
    {
        IDataView data = _ml.FineTuning().CreateLabelExamples(["card_arrival", "refund"], examplesPerLabel: 2);
        CollectionAssert.AreEqual(new[] { "This is about card arrival.", "This is about card arrival.", "This is about refund.", "This is about refund." }, data.GetColumn<string>("Sentence1").ToArray());
        CollectionAssert.AreEqual(new[] { "card_arrival", "card_arrival", "refund", "refund" }, data.GetColumn<string>("Label").ToArray());
        CollectionAssert.AreEqual(new[] { "a, a!", "b, b!" }, _ml.FineTuning().CreateLabelExamples(["a", "b"], "{}, {}!", 1).GetColumn<string>("Sentence1").ToArray());
        Assert.AreEqual(16L, _ml.FineTuning().CreateLabelExamples(["a", "b"]).GetRowCount());
    }

    [TestMethod]
    public void Bad_names_and_templates_are_refused()
    {
        FineTuningCatalog catalog = _ml.FineTuning();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.CreateLabelExamples(["a"])).Message, "two or more");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.CreateLabelExamples(["a", " "])).Message, "name 1");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.CreateLabelExamples(["a", "b", "a"])).Message, "'a', occurs twice");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.CreateLabelExamples(["a", "b"], "about")).Message, "'{}'");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.CreateLabelExamples(["a", "b"], examplesPerLabel: 0));
        SetFitOptions options = Options();
        options.LabelNameTemplate = "about";
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.SetFit(options)).Message, "SetFitOptions.LabelNameTemplate is 'about'");
        (options.LabelNameTemplate, options.LabelNameExamples) = ("{}", 0);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.SetFit(options)).Message, "SetFitOptions.LabelNameExamples is 0");
    }

    [TestMethod]
    [DataRow("positive|negative", true)]
    [DataRow("card_arrival|lost_card|refund", true)]
    [DataRow("Sci/Tech|World", true)]
    [DataRow("planA|planB", true)]
    [DataRow("好|坏", true)]
    [DataRow("0|1", false)]
    [DataRow("1.5|2.5", false)]
    [DataRow("A|B", false)]
    [DataRow("positive|1", false)]
    [DataRow("LABEL_0|LABEL_1", false)]
    [DataRow("Rating 1|rating 2", false)]
    public void Names_are_words_or_not(string names, bool words) => Assert.AreEqual(words, LabelNameTemplate.AreWords(names.Split('|')));

    [TestMethod]
    public void Where_names_are_words_they_are_learnt_unless_an_empty_template_says_no()
    {
        SetFitOptions byDefault = Options(), asked = Options(), none = Options();
        (byDefault.LabelNameTemplate, asked.LabelNameTemplate, none.LabelNameTemplate) = (null, "This is about {}.", "");
        Assert.IsNull(new SetFitOptions().LabelNameTemplate);
        IDataView data = Tiny.Load(_ml, Tiny.Make(24));
        float[][] Scores(SetFitOptions options)
        {
            using var model = new MLContext(3).MulticlassClassification.Trainers.SetFit(options).Fit(data);
            return Tiny.Scores(model, data);
        }

        float[][] scores = Scores(byDefault);
        Tiny.AssertSame(Scores(asked), scores);
        CollectionAssert.AreNotEqual(Scores(none)[0], scores[0]);
        Assert.IsNull(byDefault.LabelNameRows(["0", "1"]));
        Assert.IsNull(byDefault.LabelNameRows(null), "a binary label has no names");
        Assert.AreEqual(2, byDefault.LabelNameRows(["late", "lost"])!.Labels.Length);
    }

    /// <summary>The trainer learns the same from examples it makes as from the same ones among its rows.</summary>
    [TestMethod]
    public void Examples_are_learnt_as_rows_are()
    {
        List<Row> rows = Tiny.Make(24);
        SetFitOptions options = Options();
        (options.LabelNameTemplate, options.LabelNameExamples) = ("about {} .", 2);
        using var made = new MLContext(3).MulticlassClassification.Trainers.SetFit(options).Fit(Tiny.Load(_ml, rows));
        List<Row> added = [.. rows, .. Rows.Intents.SelectMany(intent => Enumerable.Repeat(new Row { Text = $"about {intent} .", Intent = intent }, 2))];
        using var given = new MLContext(3).MulticlassClassification.Trainers.SetFit(Options()).Fit(Tiny.Load(_ml, added));
        using var without = new MLContext(3).MulticlassClassification.Trainers.SetFit(Options()).Fit(Tiny.Load(_ml, rows));
        IDataView test = Tiny.Load(_ml, rows);
        Tiny.AssertSame(Tiny.Scores(given, test), Tiny.Scores(made, test));
        CollectionAssert.AreNotEqual(Tiny.Scores(without, test)[0], Tiny.Scores(made, test)[0]);
    }

    [TestMethod]
    public void Examples_of_names_are_never_validated_on()
    {
        FineTuneTask task = new()
        {
            Encoder = Tiny.Encoder(),
            Peft = new HeadOnly(),
            Training = new TrainingOptions { ValidationFraction = 0.5 },
            Data = new LabelledTexts([.. Enumerable.Range(0, 40).Select(i => new TextInput("money back"))], [.. Enumerable.Range(0, 40).Select(i => i % 2)]),
            ClassCount = 2,
            Extra = LabelNameTemplate.Rows("parcel parcel parcel {}", ["late", "box"], 5),
            Device = TorchSharp.torch.CPU,
        };
        using FineTuneRun run = FineTuneRun.Start(task);
        Assert.AreEqual(20 + 10, run.Rows.Count);
        Assert.AreEqual(20, run.Validation!.Count);
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 0, 0, 1, 1, 1, 1, 1 }, run.Rows.Labels[20..]);
        // Of one length each: the data's two words.
        Assert.AreEqual(1, run.Validation.Batches.Lengths.Distinct().Count());
        Assert.IsTrue(run.Rows.Batches.Lengths[20..].All(length => length > run.Validation.Batches.Lengths[0]));
    }

    [TestMethod]
    public void Weights_and_label_sets_of_appended_texts_fill_in_what_is_not_said()
    {
        LabelledTexts weighted = new([new("a")], [1], [0.5f]), plain = new([new("b")], [0]), sets = new([new("c")], [0], null, [[0, 1]]);
        Assert.IsNull(plain.Append(plain).Weights);
        CollectionAssert.AreEqual(new[] { 0.5f, 1 }, weighted.Append(plain).Weights);
        CollectionAssert.AreEqual(new[] { 1, 0.5f }, plain.Append(weighted).Weights);
        CollectionAssert.AreEqual(new[] { 0 }, plain.Append(sets).LabelSets![0]);
        CollectionAssert.AreEqual(new[] { 0, 1 }, plain.Append(sets).LabelSets![1]);
    }

    [TestMethod]
    public void Classes_without_names_are_refused_before_the_encoder_is_opened()
    {
        SetFitOptions options = Options();
        (options.LabelNameTemplate, options.Encoder) = ("about {}", EncoderSource.FromDirectory("nowhere"));
        options.LabelColumnName = nameof(Row.Positive);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => _ml.BinaryClassification.Trainers.SetFit(options).Fit(_ml.Data.LoadFromEnumerable(Tiny.Make(20)))).Message, "'Positive'");
        options.LabelColumnName = "Label";
        SchemaDefinition schema = SchemaDefinition.Create(typeof(KeyRow));
        schema[nameof(KeyRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), 2);
        IDataView data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(i => new KeyRow { Text = "money back", Label = (uint)(i % 2) }), schema);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => _ml.MulticlassClassification.Trainers.SetFit(options).Fit(data)).Message, "no key with values");
    }

    /// <summary>Four words and no labelled text: well above the quarter that guessing gives.</summary>
    [TestMethod]
    public void News_are_classified_by_the_names_of_their_topics()
    {
        string file = SharedData.Require("data", "ag_news", "test.tsv");
        Row[] rows = [.. File.ReadLines(file).Skip(1).Take(200).Select(line => line.Split('\t')).Select(fields => new Row { Text = fields[0], Intent = fields[1] })];
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Key", "Label").Append(_ml.MulticlassClassification.Trainers.SetFit(new SetFitOptions { LabelColumnName = "Key", Precision = Precision.Float32, MaxLength = 64, Training = { MaxSteps = 4 } }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Intent", "PredictedLabel"));
        using var model = pipeline.Fit(_ml.FineTuning().CreateLabelExamples(["World", "Sports", "Business", "Sci/Tech"]));
        IDataView data = _ml.Data.LoadFromEnumerable(rows.Select(row => new NewsRow { Sentence1 = row.Text!, Label = row.Intent }));
        string[] found = [.. model.Transform(data).GetColumn<string>("Intent")];
        int right = rows.Zip(found).Count(pair => pair.First.Intent == pair.Second);
        Assert.IsGreaterThan(0.33 * rows.Length, right, $"{right} of {rows.Length}");
    }

    private static SetFitOptions Options() => new()
    {
        Sentence1ColumnName = nameof(Row.Text),
        Encoder = Tiny.Encoder(),
        LabelNameTemplate = "",
        Precision = Precision.Float32,
        Training = { MaxSteps = 5, BatchSize = 16, LearningRate = 3e-3 },
    };

    private sealed class KeyRow
    {
        public string Text { get; set; } = "";

        /// <summary>From 0: ML.NET adds the one by which keys are stored.</summary>
        public uint Label { get; set; }
    }

    private sealed class NewsRow
    {
        public string Sentence1 { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
