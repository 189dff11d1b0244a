using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>The schema of the results: promised equals real, and equals what ML.NET's own trainers give.</summary>
[TestClass]
public sealed class OutputSchemaTests
{
    private readonly MLContext _ml = new(7);

    public static IEnumerable<object[]> LabelMappings =>
    [
        ["text"], ["numbers"], ["key without values"], ["byte key"], ["pipeline with Score"],
    ];

    [TestMethod]
    [DynamicData(nameof(LabelMappings))]
    public void The_promised_multiclass_schema_is_the_real_one(string mapping)
    {
        IDataView data = Labelled(mapping);
        var trainer = new BagOfWordsTrainer(_ml, ClassificationTask.Multiclass, new TrainingColumns("Label", nameof(Row.Text)));
        AssertSame(trainer.GetOutputSchema(data.Schema.Shape()), trainer.Fit(data).GetOutputSchema(data.Schema).Shape());
    }

    [TestMethod]
    [DataRow("bool")]
    [DataRow("single")]
    [DataRow("double")]
    [DataRow("key of two")]
    public void The_promised_binary_schema_is_the_real_one_and_all_label_types_learn_the_same(string type)
    {
        IDataView data = Binary(type);
        var trainer = new BagOfWordsTrainer(_ml, ClassificationTask.Binary, new TrainingColumns("Label", nameof(Row.Text)));
        using TextClassificationTransformer transformer = trainer.Fit(data);
        AssertSame(trainer.GetOutputSchema(data.Schema.Shape()), transformer.GetOutputSchema(data.Schema).Shape());
        CollectionAssert.AreEqual(Rows.Make(90).Select(row => row.Positive ? 1 : 0).ToArray(), trainer.LastSet!.Labels);
        BinaryResult[] results = [.. _ml.Data.CreateEnumerable<BinaryResult>(transformer.Transform(data), reuseRowObject: false, ignoreMissingColumns: true)];
        Assert.IsGreaterThan(0.8 * 90, results.Zip(Rows.Make(90)).Count(pair => pair.First.PredictedLabel == pair.Second.Positive));
    }

    /// <summary>Names, types, annotations and their values are those of SdcaMaximumEntropy on the same label.</summary>
    [TestMethod]
    public void Multiclass_outputs_are_those_of_MLNets_own_trainer()
    {
        IDataView data = Labelled("text");
        IDataView featurized = _ml.Transforms.Text.FeaturizeText("Features", nameof(Row.Text)).Fit(data).Transform(data);
        DataViewSchema expected = _ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(maximumNumberOfIterations: 1).Fit(featurized).Transform(featurized).Schema;
        using var transformer = new BagOfWordsTrainer(_ml, ClassificationTask.Multiclass, new TrainingColumns("Label", nameof(Row.Text))).Fit(data);
        DataViewSchema found = transformer.GetOutputSchema(data.Schema);
        foreach (string name in (string[])["PredictedLabel", "Score"])
            AssertSameColumn(expected[name], found[name]);
        CollectionAssert.AreEqual(expected.Select(c => c.Name).Where(n => n is "PredictedLabel" or "Score").ToArray(), found.Select(c => c.Name).Where(n => n is "PredictedLabel" or "Score").ToArray());
    }

    [TestMethod]
    public void Binary_outputs_are_those_of_MLNets_own_trainer()
    {
        IDataView data = Binary("bool");
        IDataView featurized = _ml.Transforms.Text.FeaturizeText("Features", nameof(Row.Text)).Fit(data).Transform(data);
        DataViewSchema expected = _ml.BinaryClassification.Trainers.SdcaLogisticRegression(maximumNumberOfIterations: 1).Fit(featurized).Transform(featurized).Schema;
        using var transformer = new BagOfWordsTrainer(_ml, ClassificationTask.Binary, new TrainingColumns("Label", nameof(Row.Text))).Fit(data);
        DataViewSchema found = transformer.GetOutputSchema(data.Schema);
        foreach (string name in (string[])["PredictedLabel", "Score", "Probability"])
            AssertSameColumn(expected[name], found[name]);
    }

    /// <summary>Evaluators take the columns of the highest set, those of the last scorer.</summary>
    [TestMethod]
    public void A_second_scorer_gets_the_next_set_of_score_columns()
    {
        IDataView data = Labelled("pipeline with Score");
        using var second = Rows.Transformer(_ml, BagOfWordsClassifier.Random(3));
        DataViewSchema schema = second.GetOutputSchema(data.Schema);
        uint[] sets = [.. schema.Where(column => column.Name == "Score").Select(column =>
        {
            uint set = 0;
            column.Annotations.GetValue("ScoreColumnSetId", ref set);
            return set;
        })];
        CollectionAssert.AreEqual(new uint[] { 1, 2 }, sets);
    }

    [TestMethod]
    public void Slot_names_are_the_key_numbers_where_the_key_has_no_values()
    {
        IDataView data = Labelled("key without values");
        using var transformer = new BagOfWordsTrainer(_ml, ClassificationTask.Multiclass, new TrainingColumns("Label", nameof(Row.Text))).Fit(data);
        VBuffer<ReadOnlyMemory<char>> names = default;
        transformer.GetOutputSchema(data.Schema)["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "1", "2", "3", "4", "5" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        CollectionAssert.AreEqual(new[] { "1", "2", "3", "4", "5" }, transformer.ClassNames.ToArray());
    }

    internal static void AssertSame(SchemaShape promised, SchemaShape real)
    {
        string[] expected = [.. real.Select(Describe).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(expected, promised.Select(Describe).Order(StringComparer.Ordinal).ToArray());
    }

    private static string Describe(SchemaShape.Column column) =>
        $"{column.Name}: {column.Kind} {column.ItemType} key={column.IsKey} [{string.Join("; ", column.Annotations.Select(Describe).Order(StringComparer.Ordinal))}]";

    private static void AssertSameColumn(DataViewSchema.Column expected, DataViewSchema.Column found)
    {
        Assert.AreEqual(expected.Type, found.Type, expected.Name);
        CollectionAssert.AreEquivalent(expected.Annotations.Schema.Select(c => $"{c.Name} {c.Type}").ToArray(), found.Annotations.Schema.Select(c => $"{c.Name} {c.Type}").ToArray(), expected.Name);
        foreach (DataViewSchema.Column annotation in expected.Annotations.Schema)
            Assert.AreEqual(Value(expected.Annotations, annotation.Name), Value(found.Annotations, annotation.Name), $"{expected.Name}.{annotation.Name}");
    }

    private static string Value(DataViewSchema.Annotations annotations, string name)
    {
        DataViewType type = annotations.Schema[name].Type;
        return type switch
        {
            TextDataViewType => Get<ReadOnlyMemory<char>>().ToString(),
            BooleanDataViewType => Get<bool>().ToString(),
            KeyDataViewType => $"{Get<uint>()}",
            _ => string.Join(",", Get<VBuffer<ReadOnlyMemory<char>>>().DenseValues()),
        };

        T Get<T>()
        {
            T value = default!;
            annotations.GetValue(name, ref value);
            return value;
        }
    }

    private IDataView Labelled(string mapping)
    {
        List<Row> rows = Rows.Make(90);
        switch (mapping)
        {
            case "numbers":
                IDataView data = _ml.Data.LoadFromEnumerable(rows);
                return _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Weight)).Fit(data).Transform(data);
            case "key without values":
                return _ml.Data.LoadFromEnumerable(rows.Select(row => new RowWithKey { Text = row.Text ?? "", Label = (uint)row.Weight }));
            case "byte key":
                return _ml.Data.LoadFromEnumerable(rows.Select(row => new RowWithByteKey { Text = row.Text ?? "", Label = (byte)row.Weight }));
            case "pipeline with Score":
                IDataView first = Labelled("text");
                return new BagOfWordsTrainer(_ml, ClassificationTask.Multiclass, new TrainingColumns("Label", nameof(Row.Text))).Fit(first).Transform(first);
            default:
                IDataView all = _ml.Data.LoadFromEnumerable(rows);
                return _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(all).Transform(all);
        }
    }

    private IDataView Binary(string type)
    {
        List<Row> rows = Rows.Make(90);
        return type switch
        {
            "bool" => _ml.Data.LoadFromEnumerable(rows.Select(row => new BinaryRow<bool> { Text = row.Text ?? "", Label = row.Positive })),
            "single" => _ml.Data.LoadFromEnumerable(rows.Select(row => new BinaryRow<float> { Text = row.Text ?? "", Label = row.Positive ? 1 : 0 })),
            "double" => _ml.Data.LoadFromEnumerable(rows.Select(row => new BinaryRow<double> { Text = row.Text ?? "", Label = row.Positive ? 1 : -1 })),
            _ => _ml.Data.LoadFromEnumerable(rows.Select(row => new RowWithKeyOfTwo { Text = row.Text ?? "", Label = row.Positive ? 1u : 0u })),
        };
    }

    internal sealed class BinaryRow<T>
    {
        public string Text { get; set; } = "";

        public T Label { get; set; } = default!;
    }

    internal sealed class RowWithKey
    {
        public string Text { get; set; } = "";

        [KeyType(5)]
        public uint Label { get; set; }
    }

    internal sealed class RowWithByteKey
    {
        public string Text { get; set; } = "";

        [KeyType(5)]
        public byte Label { get; set; }
    }

    internal sealed class RowWithKeyOfTwo
    {
        public string Text { get; set; } = "";

        [KeyType(2)]
        public uint Label { get; set; }
    }
}
