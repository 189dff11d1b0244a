using Microsoft.ML.Data;

namespace MLNet.FineTune.Catalogs;

/// <summary>Metrics less a baseline's, metric by metric.</summary>
internal static class MetricDifference
{
    public static MulticlassClassificationMetrics Of(MulticlassClassificationMetrics metrics, MulticlassClassificationMetrics baseline) => new(
        accuracyMicro: metrics.MicroAccuracy - baseline.MicroAccuracy,
        accuracyMacro: metrics.MacroAccuracy - baseline.MacroAccuracy,
        logLoss: metrics.LogLoss - baseline.LogLoss,
        logLossReduction: metrics.LogLossReduction - baseline.LogLossReduction,
        topKPredictionCount: metrics.TopKPredictionCount,
        topKAccuracies: metrics.TopKAccuracyForAllK?.Zip(baseline.TopKAccuracyForAllK, (a, b) => a - b).ToArray(),
        perClassLogLoss: [.. metrics.PerClassLogLoss.Zip(baseline.PerClassLogLoss, (a, b) => a - b)]);

    public static BinaryClassificationMetrics Of(BinaryClassificationMetrics metrics, BinaryClassificationMetrics baseline) => new(
        auc: metrics.AreaUnderRocCurve - baseline.AreaUnderRocCurve,
        accuracy: metrics.Accuracy - baseline.Accuracy,
        positivePrecision: metrics.PositivePrecision - baseline.PositivePrecision,
        positiveRecall: metrics.PositiveRecall - baseline.PositiveRecall,
        negativePrecision: metrics.NegativePrecision - baseline.NegativePrecision,
        negativeRecall: metrics.NegativeRecall - baseline.NegativeRecall,
        f1Score: metrics.F1Score - baseline.F1Score,
        auprc: metrics.AreaUnderPrecisionRecallCurve - baseline.AreaUnderPrecisionRecallCurve);
}
