using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tests.Trainers;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.FewShot;

/// <summary>Outputs, schema and file of the transformer, over a stand-in for the network.</summary>
[TestClass]
public sealed class MultiLabelTransformerTests
{
    private static readonly LabelRule Chained = new(0.4f, new LabelChain([1, 0], [-1.5f]));

    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow("keys")]
    [DataRow("Boolean")]
    [DataRow("Single")]
    public void The_promised_schema_is_the_real_one(string label)
    {
        IDataView data = Data(label);
        var trainer = _ml.FineTuning().SetFitMultiLabel("Label", nameof(TopicRow.Text));
        using MultiLabelTextClassificationTransformer model = Transformer(data, new LabelRule(0.5f));
        OutputSchemaTests.AssertSame(trainer.GetOutputSchema(data.Schema.Shape()), model.GetOutputSchema(data.Schema).Shape());
    }

    [TestMethod]
    [DataRow("keys", "food,travel")]
    [DataRow("Boolean", "food,travel")]
    [DataRow("Single", "0,1")]
    public void Slots_are_named_by_the_classes(string label, string names)
    {
        using MultiLabelTextClassificationTransformer model = Transformer(Data(label), Chained);
        Assert.AreEqual(names, string.Join(',', model.ClassNames));
        VBuffer<ReadOnlyMemory<char>> slots = default;
        model.GetOutputSchema(Data(label).Schema)["Score"].GetSlotNames(ref slots);
        Assert.AreEqual(names, string.Join(',', slots.DenseValues()));
    }

    /// <summary>Batches, rows of a prediction engine and the definition agree, whatever the label is made of.</summary>
    [TestMethod]
    public void Outputs_are_what_the_rule_makes_of_the_logits()
    {
        BagOfWordsClassifier classifier = BagOfWordsClassifier.Random(2);
        foreach (string label in (string[])["keys", "Boolean", "Single"])
        {
            IDataView data = Data(label);
            using MultiLabelTextClassificationTransformer model = Transformer(data, Chained, classifier);
            Result[] results = [.. _ml.Data.CreateEnumerable<Result>(model.Transform(data), reuseRowObject: false)];
            string[] predicted = Predicted(model.Transform(data));
            using var engine = _ml.Model.CreatePredictionEngine<TopicRow, Result>(model);
            List<TopicRow> rows = Topics.Make();
            for (int row = 0; row < rows.Count; row++)
            {
                var expected = new float[2];
                Chained.Apply(classifier.Logits(new TextInput(rows[row].Text)), expected);
                CollectionAssert.AreEqual(expected, results[row].Score);
                CollectionAssert.AreEqual(expected, engine.Predict(rows[row]).Score);
                Assert.AreEqual(string.Join(',', model.ClassNames.Where((_, i) => expected[i] > 0.4f)), predicted[row]);
            }
            Assert.IsGreaterThan(2, predicted.Distinct().Count());
        }
    }

    [TestMethod]
    [DataRow("keys")]
    [DataRow("Boolean")]
    [DataRow("Single")]
    public void A_saved_model_gives_bit_equal_results(string label)
    {
        IDataView data = Data(label);
        using var folder = new TemporaryFolder();
        foreach (LabelRule rule in (LabelRule[])[Chained, new LabelRule(0.7f)])
        {
            using MultiLabelTextClassificationTransformer model = Transformer(data, rule);
            _ml.Model.Save(model, data.Schema, folder.File("model.zip"));
            using var back = (MultiLabelTextClassificationTransformer)new MLContext().Model.Load(folder.File("model.zip"), out _);
            Assert.AreEqual(rule.Threshold, back.Rule.Threshold);
            CollectionAssert.AreEqual(rule.Chain?.Order, back.Rule.Chain?.Order);
            CollectionAssert.AreEqual(rule.Chain?.Weights, back.Rule.Chain?.Weights);
            CollectionAssert.AreEqual(model.ClassNames.ToArray(), back.ClassNames.ToArray());
            Tiny.AssertSame(Tiny.Scores(model, data), Tiny.Scores(back, data));
            CollectionAssert.AreEqual(Predicted(model.Transform(data)), Predicted(back.Transform(data)));
            OutputSchemaTests.AssertSame(model.GetOutputSchema(data.Schema).Shape(), back.GetOutputSchema(data.Schema).Shape());
        }
    }

    [TestMethod]
    public void An_altered_rule_is_found()
    {
        IDataView data = Data("keys");
        using var folder = new TemporaryFolder();
        using MultiLabelTextClassificationTransformer model = Transformer(data, Chained);
        _ml.Model.Save(model, data.Schema, folder.File("model.zip"));
        byte[] weight = BitConverter.GetBytes(-1.5f);
        Dictionary<string, byte[]> entries = Zip.Read(File.ReadAllBytes(folder.File("model.zip")));
        string key = entries.Single(entry => entry.Value.AsSpan().IndexOf(weight) >= 0).Key;
        entries[key][entries[key].AsSpan().IndexOf(weight)] ^= 1;
        File.WriteAllBytes(folder.File("model.zip"), Zip.Write(entries));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(folder.File("model.zip"), out _)).Message, "SHA-256");
    }

    [TestMethod]
    public void An_adapter_set_refuses_the_model()
    {
        using var folder = new TemporaryFolder();
        using MultiLabelTextClassificationTransformer model = Transformer(Data("keys"), Chained);
        using AdapterSet adapters = _ml.FineTuning().CreateAdapterSet(EncoderSource.FromDirectory(Fixtures.EncoderDirectory.Write(folder.File("encoder"))));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => adapters.Add("topics", model)).Message, "several labels");
    }

    /// <summary>Predicted labels as names, a comma between.</summary>
    private string[] Predicted(IDataView scored) => scored.Schema["PredictedLabel"].Type is VectorDataViewType { ItemType: KeyDataViewType }
        ? [.. _ml.Transforms.Conversion.MapKeyToValue("Names", "PredictedLabel").Fit(scored).Transform(scored).GetColumn<string[]>("Names").Select(names => string.Join(',', names))]
        : [.. scored.GetColumn<bool[]>("PredictedLabel").Select(slots => string.Join(',', SlotNames(scored).Where((_, i) => slots[i])))];

    private static string[] SlotNames(IDataView scored)
    {
        VBuffer<ReadOnlyMemory<char>> slots = default;
        scored.Schema["PredictedLabel"].GetSlotNames(ref slots);
        return [.. slots.DenseValues().Select(name => name.ToString())];
    }

    private MultiLabelTextClassificationTransformer Transformer(IDataView data, LabelRule rule, BagOfWordsClassifier? classifier = null) => new(
        _ml, classifier ?? BagOfWordsClassifier.Random(2), LabelColumn.Bind(data.Schema, "Label", ClassificationTask.MultiLabel, "data").Classes, rule, new ScoringColumns(nameof(TopicRow.Text)));

    private IDataView Data(string label)
    {
        IDataView rows = Topics.Load(_ml);
        switch (label)
        {
            case "keys":
                return Topics.LoadKeys(_ml);
            case "Boolean":
                SchemaDefinition schema = SchemaDefinition.Create(typeof(TopicRow));
                var names = new VBuffer<ReadOnlyMemory<char>>(2, ["food".AsMemory(), "travel".AsMemory()]);
                schema[nameof(TopicRow.Indicator)].AddAnnotation("SlotNames", names, new VectorDataViewType(TextDataViewType.Instance, 2));
                schema[nameof(TopicRow.Indicator)].ColumnName = "Label";
                return _ml.Data.LoadFromEnumerable(Topics.Make(), schema);
            default:
                return _ml.Transforms.Conversion.ConvertType("Label", nameof(TopicRow.Indicator), DataKind.Single).Fit(rows).Transform(rows);
        }
    }

    private sealed class Result
    {
        public float[] Score { get; set; } = [];
    }
}
