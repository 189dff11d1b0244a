using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Embedding;

/// <summary>How often, and for how many texts, the encoder is called; and its end.</summary>
[TestClass]
public sealed class LazinessTests : IDisposable
{
    private readonly MLContext _ml = new(7);
    private readonly LetterCountEmbedder _embedder = new();

    public void Dispose() => _embedder.Dispose();

    [TestMethod]
    public void Nothing_is_embedded_unless_the_output_is_read()
    {
        using TextEmbeddingTransformer model = Transformer();
        IDataView output = model.Transform(_ml.Data.LoadFromEnumerable(Rows.Make(100)));
        Assert.HasCount(100, output.GetColumn<int>(nameof(Row.Number)).ToArray());
        Assert.HasCount(100, output.GetColumn<string>(nameof(Row.Text)).ToArray());
        using (DataViewRowCursor cursor = output.GetRowCursor(output.Schema))
        {
            cursor.GetGetter<VBuffer<float>>(output.Schema[TinyEmbedding.Output]);
            while (cursor.MoveNext())
                continue;
        }
        Assert.AreEqual(0, _embedder.Calls);
        Assert.HasCount(3, _ml.Data.TakeRows(output, 3).GetColumn<float[]>(TinyEmbedding.Output).ToArray());
        Assert.AreEqual(4, _embedder.Texts, "one batch");
    }

    [TestMethod]
    public void The_text_column_is_not_read_unless_the_output_is()
    {
        IDataView data = _ml.Transforms.CustomMapping<Row, Throwing>((_, _) => throw new InvalidOperationException("read"), null).Fit(_ml.Data.LoadFromEnumerable(Rows.Make(1)))
            .Transform(_ml.Data.LoadFromEnumerable(Rows.Make(5)));
        using var model = new TextEmbeddingTransformer(_ml, _embedder, new EmbeddingColumns(TinyEmbedding.Output, nameof(Throwing.Thrown)));
        IDataView output = model.Transform(data);
        Assert.HasCount(5, output.GetColumn<int>(nameof(Row.Number)).ToArray());
        Assert.Throws<Exception>(() => output.GetColumn<float[]>(TinyEmbedding.Output).ToArray());
    }

    /// <summary>Windows of 4, 16 and then 64 rows.</summary>
    [TestMethod]
    public void Rows_are_embedded_once_in_windows_that_grow()
    {
        using TextEmbeddingTransformer model = Transformer();
        List<Row> rows = Rows.Make(1000);
        EmbeddedRow[] results = [.. _ml.Data.CreateEnumerable<EmbeddedRow>(model.Transform(_ml.Data.LoadFromEnumerable(rows)), reuseRowObject: false)];
        Assert.AreEqual(1000, _embedder.Texts);
        Assert.AreEqual(2 + 16, _embedder.Calls);
        foreach ((Row row, EmbeddedRow result) in rows.Zip(results))
            CollectionAssert.AreEqual(LetterCountEmbedder.Vector(row.Text), result.Features);
    }

    [TestMethod]
    public void An_input_that_can_be_read_only_once_is_embedded_completely()
    {
        var queue = new Queue<Row>(Rows.Make(45));
        using TextEmbeddingTransformer model = Transformer();
        EmbeddedRow[] results = [.. _ml.Data.CreateEnumerable<EmbeddedRow>(model.Transform(_ml.Data.LoadFromEnumerable(Drain(queue))), reuseRowObject: false)];
        CollectionAssert.AreEqual(Enumerable.Range(0, 45).ToArray(), results.Select(result => result.Number).ToArray());
        foreach (EmbeddedRow result in results)
            CollectionAssert.AreEqual(LetterCountEmbedder.Vector(result.Text), result.Features);
    }

    [TestMethod]
    public void A_prediction_embeds_one_text_once()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Row, EmbeddedRow>(Transformer());
        CollectionAssert.AreEqual(LetterCountEmbedder.Vector("abba"), engine.Predict(new Row { Text = "abba" }).Features);
        CollectionAssert.AreEqual(LetterCountEmbedder.Vector(null), engine.Predict(new Row { Text = null }).Features);
        Assert.AreEqual(2, _embedder.Calls);
        Assert.AreEqual(2, _embedder.Texts);
    }

    /// <summary>Every thread is inside its first call when the transformer is disposed: the call ends well, the next one is refused.</summary>
    [TestMethod]
    public async Task Threads_share_one_embedder_and_disposing_waits_for_them()
    {
        const int Threads = 8;
        TextEmbeddingTransformer model = Transformer();
        List<Row> rows = Rows.Make(50);
        IDataView output = model.Transform(_ml.Data.LoadFromEnumerable(rows));
        using var inside = new CountdownEvent(Threads);
        using var disposed = new ManualResetEventSlim();
        _embedder.OnEmbed = () =>
        {
            inside.Signal();
            disposed.Wait();
        };
        Task<int>[] threads = [.. Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
            () =>
            {
                int row = 0;
                Assert.ThrowsExactly<ObjectDisposedException>(() =>
                {
                    foreach (float[] vector in output.GetColumn<float[]>(TinyEmbedding.Output))
                        CollectionAssert.AreEqual(LetterCountEmbedder.Vector(rows[row++].Text), vector);
                });
                return row;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Assert.IsTrue(inside.Wait(TimeSpan.FromSeconds(60)));
        model.Dispose();
        model.Dispose();
        Assert.AreEqual(0, _embedder.Disposals);
        disposed.Set();
        CollectionAssert.AreEqual(Enumerable.Repeat(4, Threads).ToArray(), await Task.WhenAll(threads), "one batch each");
        Assert.IsFalse(_embedder.Misused);
        Assert.AreEqual(1, _embedder.Disposals);
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Transform(_ml.Data.LoadFromEnumerable(rows)));
    }

    private TextEmbeddingTransformer Transformer() => new(_ml, _embedder, new EmbeddingColumns(TinyEmbedding.Output, nameof(Row.Text)));

    private static IEnumerable<Row> Drain(Queue<Row> queue)
    {
        while (queue.TryDequeue(out Row? row))
            yield return row;
    }

    private sealed class Throwing
    {
        public string Thrown { get; set; } = "";
    }
}
