using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Embedding;

/// <summary>The vectors that a real encoder gives through ML.NET are those it gives without, on every path.</summary>
[TestClass]
public sealed class EmbedTextTests : IDisposable
{
    private readonly MLContext _ml = new(7);
    private readonly TemporaryFolder _folder = new();
    private readonly string _encoder;
    private readonly List<Row> _rows = Rows.Make(70);

    public EmbedTextTests() => _encoder = EncoderDirectory.Write(_folder.File("encoder"));

    public void Dispose() => _folder.Dispose();

    /// <summary>Batched in windows over the data, and one by one in a prediction engine; texts that are null or empty among them.</summary>
    [TestMethod]
    public void Cursor_and_prediction_engine_give_the_encoders_vectors()
    {
        float[][] expected = TinyEmbedding.Expected(_encoder, _rows.Select(row => row.Text));
        Assert.IsTrue(_rows.Any(row => row.Text is null) && _rows.Any(row => row.Text is ""));
        using TextEmbeddingTransformer model = TinyEmbedding.Fit(_ml, TinyEmbedding.Options(_encoder));
        EmbeddedRow[] batched = [.. _ml.Data.CreateEnumerable<EmbeddedRow>(model.Transform(_ml.Data.LoadFromEnumerable(_rows)), reuseRowObject: false)];
        using var engine = _ml.Model.CreatePredictionEngine<Row, EmbeddedRow>(model, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.HasCount(_rows.Count, batched);
        for (int i = 0; i < _rows.Count; i++)
        {
            Assert.AreEqual(i, batched[i].Number);
            Assert.AreEqual(_rows[i].Text ?? "", batched[i].Text);
            CollectionAssert.AreEqual(_rows[i].Values, batched[i].Values);
            TinyEmbedding.AssertClose(expected[i], batched[i].Features, $"row {i}");
            TinyEmbedding.AssertClose(expected[i], engine.Predict(_rows[i]).Features, $"row {i}");
        }
    }

    [TestMethod]
    public void A_missing_text_has_the_vector_of_an_empty_one()
    {
        using TextEmbeddingTransformer model = TinyEmbedding.Fit(_ml, TinyEmbedding.Options(_encoder));
        float[][] vectors = TinyEmbedding.Vectors(model, _ml.Data.LoadFromEnumerable<Row>([new() { Text = null }, new() { Text = "" }]));
        CollectionAssert.AreEqual(vectors[0], vectors[1]);
        Assert.IsTrue(vectors[0].Any(x => x != 0) && vectors[0].All(float.IsFinite));
    }

    [TestMethod]
    public void A_shuffling_cursor_gives_each_row_its_own_vector()
    {
        float[][] expected = TinyEmbedding.Expected(_encoder, _rows.Select(row => row.Text));
        using TextEmbeddingTransformer model = TinyEmbedding.Fit(_ml, TinyEmbedding.Options(_encoder));
        IDataView output = model.Transform(_ml.Data.Cache(_ml.Data.LoadFromEnumerable(_rows)));
        Assert.IsTrue(output.CanShuffle);
        using DataViewRowCursor cursor = output.GetRowCursor(output.Schema, new Random(5));
        ValueGetter<int> number = cursor.GetGetter<int>(output.Schema[nameof(Row.Number)]);
        ValueGetter<VBuffer<float>> vector = cursor.GetGetter<VBuffer<float>>(output.Schema[TinyEmbedding.Output]);
        List<int> order = [];
        int row = 0;
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            number(ref row);
            vector(ref value);
            order.Add(row);
            TinyEmbedding.AssertClose(expected[row], [.. value.DenseValues()], $"row {row}");
        }
        CollectionAssert.AreEquivalent(Enumerable.Range(0, _rows.Count).ToArray(), order);
        CollectionAssert.AreNotEqual(Enumerable.Range(0, _rows.Count).ToArray(), order);
    }

    /// <summary>The simple catalog method; the output hides an input column of its name.</summary>
    [TestMethod]
    public void Without_an_input_column_the_output_takes_its_place()
    {
        float[][] expected = TinyEmbedding.Expected(_encoder, _rows.Select(row => row.Text));
        IDataView data = _ml.Data.LoadFromEnumerable(_rows);
        using TextEmbeddingTransformer model = _ml.Transforms.Text.EmbedText(nameof(Row.Text), null, EncoderSource.FromDirectory(_encoder)).Fit(data);
        float[][] vectors = [.. model.Transform(data).GetColumn<float[]>(nameof(Row.Text))];
        for (int i = 0; i < expected.Length; i++)
            for (int j = 0; j < expected[i].Length; j++)
                // The precision is that of the hardware, bfloat16 perhaps.
                Assert.AreEqual(expected[i][j], vectors[i][j], 0.1f, $"row {i}");
    }

    [TestMethod]
    public void Options_reach_the_encoder()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(_rows);
        TextEmbeddingOptions options = TinyEmbedding.Options(_encoder);
        using TextEmbeddingTransformer plain = TinyEmbedding.Fit(_ml, options);
        options.Normalize = true;
        using TextEmbeddingTransformer normalized = TinyEmbedding.Fit(_ml, options);
        options.MaxLength = 3;
        using TextEmbeddingTransformer cut = TinyEmbedding.Fit(_ml, options);
        options.Pooling = PoolingMode.Cls;
        using TextEmbeddingTransformer first = TinyEmbedding.Fit(_ml, options);

        float[][] vectors = TinyEmbedding.Vectors(plain, data), unit = TinyEmbedding.Vectors(normalized, data);
        for (int i = 0; i < vectors.Length; i++)
        {
            float norm = MathF.Sqrt(vectors[i].Sum(x => x * x));
            TinyEmbedding.AssertClose([.. vectors[i].Select(x => x / norm)], unit[i], $"row {i}");
        }
        // Of each text only the first token is left.
        float[][] short_ = TinyEmbedding.Vectors(cut, data);
        Dictionary<string, float[]> byWord = [];
        foreach ((Row row, float[] vector) in _rows.Zip(short_))
            TinyEmbedding.AssertClose(byWord.TryAdd(FirstWord(row), vector) ? vector : byWord[FirstWord(row)], vector, row.Text);
        Assert.IsGreaterThan(5, byWord.Count);
        Assert.IsFalse(TinyEmbedding.Vectors(first, data)[0].SequenceEqual(short_[0]));
    }

    private static string FirstWord(Row row) => (row.Text ?? "").Split(' ')[0];
}
