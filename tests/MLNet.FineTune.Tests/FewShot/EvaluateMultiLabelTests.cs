using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Tests.FewShot;

[TestClass]
public sealed class EvaluateMultiLabelTests
{
    private readonly MLContext _ml = new(7);

    /// <summary>Three rows of three labels, by hand; the third label is predicted once, wrongly, and missed once.</summary>
    [TestMethod]
    public void Metrics_are_those_computed_by_hand()
    {
        IDataView data = _ml.Data.LoadFromEnumerable((Row[])
        [
            new() { Label = [true, false, false], PredictedLabel = [true, false, false], Score = [0.9f, 0.1f, 0.1f] },
            new() { Label = [false, true, true], PredictedLabel = [false, true, false], Score = [0.2f, 0.8f, 0.4f] },
            new() { Label = [false, false, false], PredictedLabel = [false, false, true], Score = [0.3f, 0.2f, 0.6f] },
        ]);
        MultiLabelClassificationMetrics metrics = _ml.FineTuning().EvaluateMultiLabel(data);
        Assert.AreEqual(1.0 / 3, metrics.SubsetAccuracy, 1e-12);
        Assert.AreEqual(2.0 / 9, metrics.HammingLoss, 1e-12);
        Assert.AreEqual(2.0 * 2 / (2 * 2 + 1 + 1), metrics.MicroF1, 1e-12);
        Assert.AreEqual((1 + 1 + 0) / 3.0, metrics.MacroF1, 1e-12);
        Assert.AreEqual((1 + 1 + 3.0 / 4) / 3, metrics.MicroAveragePrecision, 1e-12);
        Assert.AreEqual((1 + 1 + 1.0 / 2) / 3, metrics.MacroAveragePrecision, 1e-12);
        Assert.AreEqual(1, metrics.LabelRankingAveragePrecision, 1e-12);
    }

    [TestMethod]
    public void Columns_that_do_not_belong_together_are_refused()
    {
        IDataView data = _ml.Data.LoadFromEnumerable([new Row()]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.FineTuning().EvaluateMultiLabel(data, scoreColumnName: "Short")).Message, "a vector of 3 Single");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.FineTuning().EvaluateMultiLabel(data, "Absent")).Message, "'Absent' is not in the data");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().EvaluateMultiLabel(data, predictedLabelColumnName: "Short")).Message, "different classes");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().EvaluateMultiLabel(_ml.Data.FilterRowsByColumn(data, "Number", 1))).Message, "no rows");
    }

    private sealed class Row
    {
        public float Number { get; set; }

        [VectorType(3)]
        public bool[] Label { get; set; } = new bool[3];

        [VectorType(3)]
        public bool[] PredictedLabel { get; set; } = new bool[3];

        [VectorType(3)]
        public float[] Score { get; set; } = new float[3];

        [VectorType(2)]
        public float[] Short { get; set; } = new float[2];
    }
}
