using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;
using static MLNet.FineTune.Tests.Trainers.OutputSchemaTests;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>What is wrong with the data is said before training starts: the column, what was found, what is expected, what to do.</summary>
[TestClass]
public sealed class BadInputTests
{
    private static readonly MLContext Ml = new(7);
    private static readonly TrainingColumns Columns = new("Label", nameof(Row.Text));

    private sealed record Case(string Name, Type Exception, Action Act, params string[] Says)
    {
        public override string ToString() => Name;
    }

    private static readonly Case[] Cases =
    [
        new("no text column", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Sentence1 = "Body" }), "sentence1", "'Body'", "'Text'"),
        new("no second text column", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Sentence2 = "Other" }), "sentence2", "'Other'"),
        new("text column of numbers", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Sentence1 = "Weight" }), "sentence1", "'Weight'", "text (String)", "Single"),
        new("second text column of numbers", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Sentence2 = "Number" }), "sentence2", "'Number'", "Int32"),
        new("text column of features", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Sentence1 = "Values" }), "'Values'", "text (String)"),
        new("text column is a key", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), new TrainingColumns("Label2", "Label")), "'Label'", "text (String)", "Key"),
        new("no label column", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Label = "Class" }), "label", "'Class'", "'Intent'"),
        new("label is text", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Label = "Intent" }), "'Intent'", "a key", "String", "MapValueToKey"),
        new("label is a number", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Label = "Weight" }), "'Weight'", "a key", "Single", "MapValueToKey"),
        new("label is Boolean for multiclass", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Label = "Positive" }), "'Positive'", "a key", "Boolean"),
        new("label is a vector", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { Label = "Values" }), "'Values'", "a key", "not a vector"),
        new("label key has one value", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(row => row.Intent == "login"), Columns), "'Label'", "at least two"),
        new("label key is a hash", typeof(ArgumentOutOfRangeException), () => Fit(Hashed(), Columns), "'Label'", "16777216", "MapValueToKey"),
        new("binary label is text", typeof(ArgumentOutOfRangeException), () => FitBinary(Mapped(), Columns with { Label = "Intent" }), "'Intent'", "Boolean", "String"),
        new("binary label is an integer", typeof(ArgumentOutOfRangeException), () => FitBinary(Mapped(), Columns with { Label = "Number" }), "'Number'", "Boolean", "Int32"),
        new("binary label is a key of three", typeof(ArgumentOutOfRangeException), () => FitBinary(Mapped(), Columns), "'Label'", "key of two values", "MulticlassClassification"),
        new("no weight column", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { ExampleWeight = "Importance" }), "example weight", "'Importance'"),
        new("weight is text", typeof(ArgumentOutOfRangeException), () => Fit(Mapped(), Columns with { ExampleWeight = "Intent" }), "example weight", "'Intent'", "Single or Double"),
        new("weight is NaN", typeof(InvalidOperationException), () => Fit(Mapped(weight: float.NaN), Columns with { ExampleWeight = "Weight" }), "'Weight'", "row 2", "NaN"),
        new("weight is negative", typeof(InvalidOperationException), () => Fit(Mapped(weight: -0.5f), Columns with { ExampleWeight = "Weight" }), "'Weight'", "row 2", "-0.5"),
        new("weight is infinite", typeof(InvalidOperationException), () => Fit(Mapped(weight: float.PositiveInfinity), Columns with { ExampleWeight = "Weight" }), "'Weight'", "row 2", "Infinity"),
        new("weights are all zero", typeof(InvalidOperationException), () => Fit(Mapped(edit: row => row.Weight = 0), Columns with { ExampleWeight = "Weight" }), "'Weight'", "All weights"),
        new("no rows", typeof(InvalidOperationException), () => Fit(Ml.Data.FilterRowsByColumn(Mapped(), "Weight", lowerBound: 1000), Columns), "training set has no rows"),
        new("no labels", typeof(InvalidOperationException), () => Fit(Mapped(fitOn: "unknown"), Columns), "None of the 20 rows", "'Label'"),
        new("one class", typeof(InvalidOperationException), () => Fit(Ml.Data.FilterRowsByKeyColumnFraction(Mapped(), "Label", 0, 0.3), Columns), "one class", "'Label'"),
        new("one binary class", typeof(InvalidOperationException), () => FitBinary(Ml.Data.LoadFromEnumerable(Rows.Make(20).Where(row => row.Positive)), Columns with { Label = "Positive" }), "one class, 'True'", "'Positive'"),
        new("no text at all", typeof(InvalidOperationException), () => Fit(Mapped(edit: row => row.Text = null), Columns), "'Text'", "null or empty"),
        new("no text in either column", typeof(InvalidOperationException), () => Fit(Mapped(edit: row => row.Text = row.Second = ""), Columns with { Sentence2 = "Second" }), "'Text' or 'Second'"),
        new("label is also the text", typeof(ArgumentException), () => Fit(Mapped(), Columns with { Label = "Text" }), "'Text'", "both"),
        new("empty text column name", typeof(ArgumentException), () => Fit(Mapped(), Columns with { Sentence1 = " " }), "sentence1ColumnName"),
        new("empty label column name", typeof(ArgumentException), () => Fit(Mapped(), Columns with { Label = "" }), "labelColumnName"),
        new("two outputs of one name", typeof(ArgumentException), () => new ScoringColumns("Text", Score: "Out", PredictedLabel: "Out").Check(), "'Out'"),
        new("binary outputs of one name", typeof(ArgumentException), () => new BagOfWordsTrainer(Ml, ClassificationTask.Binary, Columns with { Label = "Positive" }, new ScoringColumns("Text", Score: "Probability")).GetOutputSchema(Mapped().Schema.Shape()), "'Probability'"),
        new("score: no text column", typeof(ArgumentOutOfRangeException), () => Score(row => new { Body = row.Text }), "sentence1", "'Text'", "'Body'"),
        new("score: text column of numbers", typeof(ArgumentOutOfRangeException), () => Score(row => new { Text = row.Number }), "'Text'", "text (String)", "Int32"),
    ];

    public static IEnumerable<object[]> Names => Cases.Select(c => new object[] { c.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void The_message_names_what_is_wrong(string name)
    {
        Case @case = Cases.Single(c => c.Name == name);
        Exception? thrown = null;
        try
        {
            @case.Act();
        }
        catch (Exception e)
        {
            thrown = e;
        }
        Assert.IsNotNull(thrown);
        Assert.IsInstanceOfType(thrown, @case.Exception);
        foreach (string part in @case.Says)
            StringAssert.Contains(thrown.Message, part);
    }

    /// <summary>A chain asks for the schema before any row is read: the same mistakes are found there.</summary>
    [TestMethod]
    [DataRow("Body", "Label", null, "'Body'")]
    [DataRow("Weight", "Label", null, "'Weight'")]
    [DataRow("Values", "Label", null, "'Values'")]
    [DataRow("Text", "Class", null, "'Class'")]
    [DataRow("Text", "Intent", null, "MapValueToKey")]
    [DataRow("Text", "Values", null, "not a vector")]
    [DataRow("Text", "Label", "Importance", "'Importance'")]
    [DataRow("Text", "Label", "Intent", "Single or Double")]
    public void A_chain_finds_the_mistake_before_reading(string text, string label, string? weight, string says)
    {
        var pipeline = Ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent))
            .Append(new BagOfWordsTrainer(Ml, ClassificationTask.Multiclass, new TrainingColumns(label, text, null, weight)));
        var source = new CountingRows();
        IDataView data = Ml.Data.LoadFromEnumerable(source);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.GetOutputSchema(data.Schema.Shape())).Message, says);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(data)).Message, says);
        Assert.AreEqual(0, source.Read);
    }

    private static void Fit(IDataView data, TrainingColumns columns) => new BagOfWordsTrainer(Ml, ClassificationTask.Multiclass, columns).Fit(data);

    private static void FitBinary(IDataView data, TrainingColumns columns) => new BagOfWordsTrainer(Ml, ClassificationTask.Binary, columns).Fit(data);

    private static void Score<T>(Func<Row, T> select) where T : class
    {
        using var transformer = Rows.Transformer(Ml, BagOfWordsClassifier.Random(3));
        transformer.Transform(Ml.Data.LoadFromEnumerable(Rows.Make(3).Select(select)));
    }

    private static IDataView Mapped(Func<Row, bool>? where = null, float? weight = null, string? fitOn = null, Action<Row>? edit = null)
    {
        List<Row> rows = [.. Rows.Make(20).Where(where ?? (_ => true))];
        if (weight is { } value)
            rows[2].Weight = value;
        rows.ForEach(edit ?? (_ => { }));
        IDataView data = Ml.Data.LoadFromEnumerable(rows);
        IDataView fit = fitOn is null ? data : Ml.Data.LoadFromEnumerable(new[] { new Row { Intent = fitOn }, new Row { Intent = fitOn + "2" } });
        return Ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(fit).Transform(data);
    }

    private static IDataView Hashed()
    {
        IDataView data = Ml.Data.LoadFromEnumerable(Rows.Make(20));
        return Ml.Transforms.Conversion.Hash("Label", nameof(Row.Intent), numberOfBits: 31).Fit(data).Transform(data);
    }

    private sealed class CountingRows : IEnumerable<Row>
    {
        public int Read { get; private set; }

        public IEnumerator<Row> GetEnumerator()
        {
            // MapValueToKey, which comes first, would read; the mistake is found before even that.
            foreach (Row row in Rows.Make(20))
            {
                Read++;
                yield return row;
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
