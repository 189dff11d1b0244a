using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;

namespace MLNet.FineTune.Tests.Transformers;

/// <summary>Many threads on one transformer, and its end.</summary>
[TestClass]
public sealed class LifetimeTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    public async Task Eight_threads_get_the_scores_one_gets()
    {
        using var transformer = Rows.Transformer(_ml, BagOfWordsClassifier.Random(3));
        List<Row> rows = Rows.Make(300);
        IDataView output = transformer.Transform(_ml.Data.LoadFromEnumerable(rows));
        float[][] expected = [.. output.GetColumn<float[]>("Score")];
        using var start = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                if (thread % 2 == 0)
                {
                    float[][] scores = [.. output.GetColumn<float[]>("Score")];
                    for (int i = 0; i < rows.Count; i++)
                        CollectionAssert.AreEqual(expected[i], scores[i]);
                    return;
                }
                using var engine = _ml.Model.CreatePredictionEngine<Row, MulticlassResult>(transformer, new PredictionEngineOptions { OwnsTransformer = false });
                for (int i = 0; i < rows.Count; i++)
                    CollectionAssert.AreEqual(expected[i], engine.Predict(rows[i]).Score);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    [TestMethod]
    public void Disposing_frees_the_classifier_once_and_refuses_further_use()
    {
        var classifier = BagOfWordsClassifier.Random(3);
        var transformer = Rows.Transformer(_ml, classifier);
        IDataView input = _ml.Data.LoadFromEnumerable(Rows.Make(9));
        IDataView output = transformer.Transform(input);
        using DataViewRowCursor cursor = output.GetRowCursor(output.Schema);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(output.Schema["Score"]);
        Assert.IsTrue(cursor.MoveNext());
        transformer.Dispose();
        transformer.Dispose();
        Assert.AreEqual(1, classifier.Disposals);

        VBuffer<float> value = default;
        Assert.ThrowsExactly<ObjectDisposedException>(() => score(ref value));
        Assert.ThrowsExactly<ObjectDisposedException>(() => output.GetRowCursor(output.Schema));
        Assert.ThrowsExactly<ObjectDisposedException>(() => transformer.Transform(input));
        Assert.ThrowsExactly<ObjectDisposedException>(() => ((ITransformer)transformer).GetRowToRowMapper(input.Schema));
        using var stream = new MemoryStream();
        Assert.ThrowsExactly<ObjectDisposedException>(() => _ml.Model.Save(transformer, input.Schema, stream));
        Assert.IsFalse(classifier.Misused);
    }

    /// <summary>The weights are native memory: they stay until the call that uses them has ended.</summary>
    [TestMethod]
    public async Task Disposing_while_another_thread_scores_waits_with_freeing()
    {
        var classifier = BagOfWordsClassifier.Random(3);
        using var scoring = new ManualResetEventSlim();
        using var disposed = new ManualResetEventSlim();
        classifier.OnScore = () =>
        {
            scoring.Set();
            disposed.Wait();
        };
        var transformer = Rows.Transformer(_ml, classifier);
        IDataView output = transformer.Transform(_ml.Data.LoadFromEnumerable(Rows.Make(3)));
        Task<int> reader = Task.Run(() => output.GetColumn<float[]>("Score").Count());
        scoring.Wait();
        transformer.Dispose();
        Assert.AreEqual(0, classifier.Disposals);
        disposed.Set();
        Assert.AreEqual(3, await reader);
        Assert.AreEqual(1, classifier.Disposals);
        Assert.IsFalse(classifier.Misused);
    }

    [TestMethod]
    public void A_chain_and_a_prediction_engine_dispose_the_transformer_they_own()
    {
        var classifier = BagOfWordsClassifier.Random(3);
        var chain = new TransformerChain<ITransformer>(Rows.Transformer(_ml, classifier));
        using (_ml.Model.CreatePredictionEngine<Row, MulticlassResult>(chain))
            Assert.AreEqual(0, classifier.Disposals);
        Assert.AreEqual(1, classifier.Disposals);
    }

    [TestMethod]
    [DataRow("Score")]
    [DataRow("Text")]
    public void The_input_is_read_by_one_cursor_that_is_disposed_with_the_output_cursor(string column)
    {
        using var transformer = Rows.Transformer(_ml, BagOfWordsClassifier.Random(3));
        var source = new CountingView(_ml.Data.LoadFromEnumerable(Rows.Make(9)));
        IDataView output = transformer.Transform(source);
        using (DataViewRowCursor cursor = output.GetRowCursor([output.Schema[column]]))
            Assert.IsTrue(cursor.MoveNext());
        Assert.AreEqual(1, source.Opened);
        Assert.AreEqual(1, source.Disposed);
    }
}
