using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.Persistence;

[TestClass]
public sealed class RoundTripTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    public void A_chain_saved_with_its_schema_gives_bit_equal_results()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(80));
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent))
            .Append(new BagOfWordsTrainer(_ml, ClassificationTask.Multiclass, new TrainingColumns("Label", nameof(Row.Text), nameof(Row.Second)), new ScoringColumns(nameof(Row.Text), nameof(Row.Second), "Scores", "Predicted")))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "Predicted"));
        var model = pipeline.Fit(data);
        ITransformer back = SaveAndLoad(model, data.Schema, out DataViewSchema schema);
        Assert.AreEqual("Text", schema["Text"].Name);
        IDataView expected = model.Transform(data), found = back.Transform(data);
        CollectionAssert.AreEqual(expected.Schema.Select(c => $"{c.Name} {c.Type}").ToArray(), found.Schema.Select(c => $"{c.Name} {c.Type}").ToArray());
        AssertSame(expected.GetColumn<float[]>("Scores"), found.GetColumn<float[]>("Scores"));
        CollectionAssert.AreEqual(expected.GetColumn<string>("PredictedIntent").ToArray(), found.GetColumn<string>("PredictedIntent").ToArray());
    }

    [TestMethod]
    public void A_binary_transformer_alone_and_without_schema_gives_bit_equal_results()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(80));
        using var model = new BagOfWordsTrainer(_ml, ClassificationTask.Binary, new TrainingColumns(nameof(Row.Positive), nameof(Row.Text))).Fit(data);
        using var back = (IDisposable)SaveAndLoad(model, null, out _);
        Assert.IsInstanceOfType<BinaryTextClassificationTransformer>(back);
        IDataView expected = model.Transform(data), found = ((ITransformer)back).Transform(data);
        foreach (string column in (string[])["Score", "Probability"])
            CollectionAssert.AreEqual(expected.GetColumn<float>(column).ToArray(), found.GetColumn<float>(column).ToArray());
    }

    /// <summary>Types and values of label keys survive: text, numbers, booleans, dates, none; of every key type.</summary>
    [TestMethod]
    [DataRow("text")]
    [DataRow("long")]
    [DataRow("float")]
    [DataRow("int")]
    [DataRow("bool")]
    [DataRow("date")]
    [DataRow("byte key")]
    [DataRow("ushort key")]
    [DataRow("ulong key")]
    public void Label_keys_survive(string kind)
    {
        IDataView data = kind switch
        {
            "text" => Key(i => i % 2 == 0 ? "grün" : "日本"),
            "long" => Key(i => long.MaxValue - i % 2),
            "float" => Key(i => i % 2 == 0 ? 1.5f : -2f),
            "int" => Key(i => i % 3),
            "bool" => Key(i => i % 2 == 0),
            "date" => Key(i => new DateTime(2020 + i % 2, 3, 4)),
            "byte key" => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new ByteKey { Label = (byte)(i % 3 + 1) })),
            "ushort key" => UInt16Key(),
            _ => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new UInt64Key { Label = (ulong)(i % 3 + 1) })),
        };
        using var model = new BagOfWordsTrainer(_ml, ClassificationTask.Multiclass, new TrainingColumns("Label", "Text")).Fit(data);
        using var back = (TextClassificationTransformer)SaveAndLoad(model, data.Schema, out _);
        DataViewSchema expected = model.GetOutputSchema(data.Schema), found = back.GetOutputSchema(data.Schema);
        Assert.AreEqual(data.Schema["Label"].Type, found["PredictedLabel"].Type);
        CollectionAssert.AreEqual(model.ClassNames.ToArray(), back.ClassNames.ToArray());
        foreach (string column in (string[])["PredictedLabel", "Score"])
            CollectionAssert.AreEqual(
                expected[column].Annotations.Schema.Select(c => $"{c.Name} {c.Type}").ToArray(),
                found[column].Annotations.Schema.Select(c => $"{c.Name} {c.Type}").ToArray());
        if (!kind.EndsWith("key", StringComparison.Ordinal))
        {
            IDataView named = _ml.Transforms.Conversion.MapKeyToValue("Value", "PredictedLabel").Fit(back.Transform(data)).Transform(back.Transform(data));
            IDataView original = _ml.Transforms.Conversion.MapKeyToValue("Value", "PredictedLabel").Fit(model.Transform(data)).Transform(model.Transform(data));
            CollectionAssert.AreEqual(Strings(original), Strings(named));
        }
    }

    /// <summary>ML.NET refuses streams without named parts; the message says what is needed.</summary>
    [TestMethod]
    public void A_classifier_without_a_format_cannot_be_saved_and_says_so()
    {
        using var model = new BinaryTextClassificationTransformer(_ml, new Unsavable(), new ScoringColumns("Text"));
        using var stream = new MemoryStream();
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => _ml.Model.Save(model, null, stream)).Message, nameof(Unsavable));
    }

    private static string[] Strings(IDataView data)
    {
        DataViewSchema.Column column = data.Schema["Value"];
        return [.. data.Preview(100).ColumnView.Single(c => c.Column.Index == column.Index).Values.Select(value => $"{value}")];
    }

    private IDataView Key<T>(Func<int, T> label)
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 12).Select(i => new Labelled<T> { Text = $"word{i % 3} other", Source = label(i) }));
        return _ml.Transforms.Conversion.MapValueToKey("Label", "Source").Fit(data).Transform(data);
    }

    /// <summary>ML.NET loads no such keys from objects.</summary>
    private IDataView UInt16Key()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new ByteKey { Label = (byte)(i % 3 + 1) }));
        return _ml.Transforms.Conversion.ConvertType("Label", outputKind: DataKind.UInt16).Fit(data).Transform(data);
    }

    private static void AssertSame(IEnumerable<float[]> expected, IEnumerable<float[]> found)
    {
        foreach ((float[] a, float[] b) in expected.Zip(found))
            CollectionAssert.AreEqual(a, b);
    }

    private ITransformer SaveAndLoad(ITransformer model, DataViewSchema? schema, out DataViewSchema loadedSchema)
    {
        using var folder = new TemporaryFolder();
        _ml.Model.Save(model, schema, folder.File("model.zip"));
        return new MLContext().Model.Load(folder.File("model.zip"), out loadedSchema);
    }

    private sealed class Labelled<T>
    {
        public string Text { get; set; } = "";

        public T Source { get; set; } = default!;
    }

    private sealed class ByteKey
    {
        public string Text { get; set; } = "some text";

        [KeyType(4)]
        public byte Label { get; set; }
    }

    private sealed class UInt64Key
    {
        public string Text { get; set; } = "some text";

        [KeyType(4)]
        public ulong Label { get; set; }
    }

    private sealed class Unsavable : ITextClassifier
    {
        public int ClassCount => 2;

        public int BatchSize => 1;

        public void Score(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive = null) => logits.Clear();

        public void Dispose()
        {
        }
    }
}
