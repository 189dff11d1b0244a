using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.Transformers;

[TestClass]
public sealed class TransformTests
{
    private static readonly string[] Upstreams = ["none", "filter", "take", "skip", "cache", "shuffle", "shuffle source", "shuffle of map", "cached filter of shuffle"];

    /// <summary>Whatever the batch and window sizes and whatever comes before, each row gets the scores of its own text, computed here from the definition.</summary>
    [TestMethod]
    public void Transform_scores_every_row_as_the_row_path_does() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[1, 9], Gen.Int[1, 40], Gen.Int[0, Upstreams.Length - 1].Select(i => Upstreams[i]), Gen.Bool).Sample(
            (count, batch, window, upstream, pairs) =>
            {
                var ml = new MLContext(7);
                List<Row> rows = Rows.Make(count, seed: count + batch);
                using var transformer = Rows.Transformer(ml, BagOfWordsClassifier.Random(3, batchSize: batch), pairs ? nameof(Row.Second) : null);
                transformer.WindowRows = window;
                IDataView input = Upstream(ml, rows, upstream);
                int[] expectedOrder = [.. ml.Data.CreateEnumerable<Row>(input, reuseRowObject: false).Select(row => row.Number)];
                MulticlassResult[] results = [.. ml.Data.CreateEnumerable<MulticlassResult>(transformer.Transform(input), reuseRowObject: false)];

                CollectionAssert.AreEqual(expectedOrder, results.Select(result => result.Number).ToArray());
                using PredictionEngine<Row, MulticlassResult> engine = ml.Model.CreatePredictionEngine<Row, MulticlassResult>(transformer, new PredictionEngineOptions { OwnsTransformer = false });
                foreach (MulticlassResult result in results)
                {
                    Row row = rows[result.Number];
                    MulticlassResult single = engine.Predict(row);
                    CollectionAssert.AreEqual(single.Score, result.Score);
                    Assert.AreEqual(single.PredictedLabel, result.PredictedLabel);
                    CollectionAssert.AreEqual(Expected(row, pairs), result.Score);
                    Assert.AreEqual(Array.IndexOf(result.Score, result.Score.Max()) + 1, (int)result.PredictedLabel);
                    Assert.AreEqual(row.Text ?? "", result.Text);
                    CollectionAssert.AreEqual(row.Values, result.Values);
                }
            },
            iter: 150, threads: 1, seed: "0N0XIzNsQ0O2");

    /// <summary>Positions, identities and batch numbers are the input's.</summary>
    [TestMethod]
    public void Rows_keep_their_position_identity_and_batch()
    {
        var ml = new MLContext(7);
        IDataView input = ml.Data.ShuffleRows(ml.Data.LoadFromEnumerable(Rows.Make(50)), seed: 3);
        using var transformer = Rows.Transformer(ml, BagOfWordsClassifier.Random(3));
        IDataView output = transformer.Transform(input);
        using DataViewRowCursor expected = input.GetRowCursor(input.Schema);
        using DataViewRowCursor cursor = output.GetRowCursor(output.Schema);
        ValueGetter<DataViewRowId> expectedId = expected.GetIdGetter(), id = cursor.GetIdGetter();
        DataViewRowId a = default, b = default;
        Assert.AreEqual(-1, cursor.Position);
        while (expected.MoveNext())
        {
            Assert.IsTrue(cursor.MoveNext());
            expectedId(ref a);
            id(ref b);
            Assert.AreEqual(a, b);
            Assert.AreEqual(expected.Position, cursor.Position);
            Assert.AreEqual(expected.Batch, cursor.Batch);
        }
        Assert.IsFalse(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
    }

    /// <summary>A cursor that shuffles gives the source's own order for the same random numbers.</summary>
    [TestMethod]
    public void A_shuffling_cursor_gives_the_order_of_the_source()
    {
        var ml = new MLContext(7);
        IDataView input = ml.Data.Cache(ml.Data.LoadFromEnumerable(Rows.Make(50)));
        Assert.IsTrue(input.CanShuffle);
        using var transformer = Rows.Transformer(ml, BagOfWordsClassifier.Random(3));
        IDataView output = transformer.Transform(input);
        Assert.IsTrue(output.CanShuffle);
        using DataViewRowCursor expected = input.GetRowCursor(input.Schema, new Random(5));
        using DataViewRowCursor cursor = output.GetRowCursor(output.Schema, new Random(5));
        ValueGetter<ReadOnlyMemory<char>> expectedText = expected.GetGetter<ReadOnlyMemory<char>>(input.Schema["Text"]);
        ValueGetter<ReadOnlyMemory<char>> text = cursor.GetGetter<ReadOnlyMemory<char>>(output.Schema["Text"]);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(output.Schema["Score"]);
        ReadOnlyMemory<char> a = default, b = default;
        VBuffer<float> scores = default;
        List<string> order = [];
        while (expected.MoveNext() & cursor.MoveNext())
        {
            expectedText(ref a);
            text(ref b);
            score(ref scores);
            order.Add(a.ToString());
            Assert.AreEqual(a.ToString(), b.ToString());
            CollectionAssert.AreEqual(Expected(new Row { Text = a.ToString() }, pairs: false), scores.DenseValues().ToArray());
        }
        Assert.HasCount(50, order);
        CollectionAssert.AreNotEqual(Rows.Make(50).Select(row => row.Text ?? "").ToArray(), order);
    }

    /// <summary>Streams that can be enumerated only once lose no row: the input is read in one pass.</summary>
    [TestMethod]
    public void An_input_that_can_be_read_only_once_is_scored_completely()
    {
        var ml = new MLContext(7);
        var queue = new Queue<Row>(Rows.Make(45));
        using var transformer = Rows.Transformer(ml, BagOfWordsClassifier.Random(3));
        IDataView output = transformer.Transform(ml.Data.LoadFromEnumerable(Drain(queue)));
        int[] numbers = [.. ml.Data.CreateEnumerable<MulticlassResult>(output, reuseRowObject: false).Select(result => result.Number)];
        CollectionAssert.AreEqual(Enumerable.Range(0, 45).ToArray(), numbers);
    }

    /// <summary>A column of objects that cannot be kept is passed through, and the rows are scored one by one.</summary>
    [TestMethod]
    public void Columns_of_objects_are_passed_through()
    {
        var ml = new MLContext(7);
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.RawMessage);
        var classifier = BagOfWordsClassifier.Random(3);
        using var transformer = Rows.Transformer(ml, classifier);
        IDataView input = ml.Data.LoadFromEnumerable(Rows.Make(20).Select(row => new RowWithObject { Text = row.Text ?? "", Object = new Uri("urn:" + row.Number) }));
        IDataView output = transformer.Transform(input);
        RowWithObject[] results = [.. ml.Data.CreateEnumerable<RowWithObject>(output, reuseRowObject: false)];
        CollectionAssert.AreEqual(Enumerable.Range(0, 20).Select(i => new Uri("urn:" + i)).ToArray(), results.Select(result => result.Object).ToArray());
        foreach (RowWithObject result in results)
            CollectionAssert.AreEqual(Expected(new Row { Text = result.Text }, pairs: false), result.Score);
        Assert.AreEqual(20, classifier.Rows);
        StringAssert.Contains(string.Join('\n', log), "'Object'");
    }

    [TestMethod]
    public void A_getter_of_an_inactive_column_or_another_type_is_refused()
    {
        var ml = new MLContext(7);
        using var transformer = Rows.Transformer(ml, BagOfWordsClassifier.Random(3));
        IDataView output = transformer.Transform(ml.Data.LoadFromEnumerable(Rows.Make(3)));
        using DataViewRowCursor cursor = output.GetRowCursor([output.Schema["Score"]]);
        Assert.IsTrue(cursor.IsColumnActive(output.Schema["Score"]));
        Assert.IsFalse(cursor.IsColumnActive(output.Schema["Text"]));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(output.Schema["Text"])).Message, "'Text'");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(output.Schema["Score"])).Message, "'Score'");
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(output.Schema["Score"]);
        VBuffer<float> value = default;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => getter(ref value)).Message, "MoveNext");
    }

    private static float[] Expected(Row row, bool pairs)
    {
        float[] logits = BagOfWordsClassifier.Random(3).Logits(new TextInput(row.Text ?? "", pairs ? row.Second : null));
        float[] probabilities = new float[3];
        Softmax.Apply(logits, probabilities);
        return probabilities;
    }

    private static IDataView Upstream(MLContext ml, List<Row> rows, string upstream)
    {
        IDataView data = ml.Data.LoadFromEnumerable(rows);
        return upstream switch
        {
            "filter" => ml.Data.FilterRowsByColumn(data, nameof(Row.Weight), lowerBound: 2),
            "take" => ml.Data.TakeRows(data, 11),
            "skip" => ml.Data.SkipRows(data, 11),
            "cache" => ml.Data.Cache(data),
            "shuffle" => ml.Data.ShuffleRows(data, seed: 3, shufflePoolSize: 7, shuffleSource: false),
            "shuffle source" => ml.Data.ShuffleRows(data, seed: 3),
            "shuffle of map" => ml.Data.ShuffleRows(ml.Transforms.CopyColumns("Copy", nameof(Row.Text)).Append(ml.Transforms.Text.NormalizeText("Copy")).Fit(data).Transform(data), seed: 3),
            "cached filter of shuffle" => ml.Data.Cache(ml.Data.FilterRowsByColumn(ml.Data.ShuffleRows(data, seed: 9), nameof(Row.Weight), upperBound: 3)),
            _ => data,
        };
    }

    private static IEnumerable<Row> Drain(Queue<Row> queue)
    {
        while (queue.TryDequeue(out Row? row))
            yield return row;
    }

    private sealed class RowWithObject
    {
        public string Text { get; set; } = "";

        [UriColumn]
        public Uri Object { get; set; } = new("urn:none");

        public float[] Score { get; set; } = [];
    }

    private sealed class UriType : StructuredDataViewType
    {
        public UriType()
            : base(typeof(Uri))
        {
        }

        public override bool Equals(DataViewType? other) => other is UriType;

        public override int GetHashCode() => 1;
    }

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class UriColumnAttribute : DataViewTypeAttribute
    {
        public override void Register() => DataViewTypeManager.Register(new UriType(), typeof(Uri), this);

        public override bool Equals(DataViewTypeAttribute? other) => other is UriColumnAttribute;

        public override int GetHashCode() => 1;
    }
}
