using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;

namespace MLNet.FineTune.Tests.Transformers;

/// <summary>How often, and for how many rows, the classifier is called.</summary>
[TestClass]
public sealed class ScoringCountTests
{
    private readonly MLContext _ml = new(7);
    private readonly BagOfWordsClassifier _classifier = BagOfWordsClassifier.Random(3, batchSize: 4);

    [TestMethod]
    public void Nothing_is_scored_when_only_other_columns_are_read()
    {
        using var transformer = Rows.Transformer(_ml, _classifier);
        IDataView output = transformer.Transform(_ml.Data.LoadFromEnumerable(Rows.Make(100)));
        Assert.HasCount(100, output.GetColumn<int>("Number").ToArray());
        Assert.HasCount(100, output.GetColumn<string>("Text").ToArray());
        Assert.AreEqual(0, _classifier.Calls);
    }

    [TestMethod]
    public void Nothing_is_scored_when_outputs_are_active_but_not_read()
    {
        using var transformer = Rows.Transformer(_ml, _classifier);
        IDataView output = transformer.Transform(_ml.Data.LoadFromEnumerable(Rows.Make(100)));
        using DataViewRowCursor cursor = output.GetRowCursor(output.Schema);
        cursor.GetGetter<VBuffer<float>>(output.Schema["Score"]);
        int rows = 0;
        while (cursor.MoveNext())
            rows++;
        Assert.AreEqual(100, rows);
        Assert.AreEqual(0, _classifier.Calls);
    }

    /// <summary>Windows of 4, 16 and then 64 rows: 1000 rows take 18 calls, each row scored once however many outputs are read.</summary>
    [TestMethod]
    public void Rows_are_scored_once_in_windows_that_grow_to_sixteen_batches()
    {
        using var transformer = Rows.Transformer(_ml, _classifier);
        IDataView output = transformer.Transform(_ml.Data.LoadFromEnumerable(Rows.Make(1000)));
        Assert.HasCount(1000, _ml.Data.CreateEnumerable<MulticlassResult>(output, reuseRowObject: true).Select(r => r.Number).ToArray());
        Assert.AreEqual(1000, _classifier.Rows);
        Assert.AreEqual(2 + 16, _classifier.Calls);
    }

    [TestMethod]
    public void Taking_a_few_rows_scores_one_batch()
    {
        using var transformer = Rows.Transformer(_ml, _classifier);
        IDataView output = transformer.Transform(_ml.Data.LoadFromEnumerable(Rows.Make(1000)));
        Assert.HasCount(3, _ml.Data.TakeRows(output, 3).GetColumn<float[]>("Score").ToArray());
        Assert.AreEqual(4, _classifier.Rows);
    }

    [TestMethod]
    public void A_prediction_scores_one_row_once()
    {
        using var transformer = Rows.Transformer(_ml, _classifier);
        using var engine = _ml.Model.CreatePredictionEngine<Row, MulticlassResult>(transformer);
        engine.Predict(new Row { Text = "refund please" });
        engine.Predict(new Row { Text = "refund please" });
        Assert.AreEqual(2, _classifier.Calls);
        Assert.AreEqual(2, _classifier.Rows);
    }

    [TestMethod]
    public void Cancelling_the_context_stops_scoring()
    {
        using var transformer = Rows.Transformer(_ml, _classifier);
        IDataView output = transformer.Transform(_ml.Data.LoadFromEnumerable(Rows.Make(1000)));
        int served = 0;
        Assert.ThrowsExactly<OperationCanceledException>(() =>
        {
            foreach (float[] _ in output.GetColumn<float[]>("Score"))
                if (++served == 30)
                    _ml.Cancel();
        });
        Assert.AreEqual(4 + 16 + 64, served);
    }
}
