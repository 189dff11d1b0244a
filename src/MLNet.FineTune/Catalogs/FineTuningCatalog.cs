using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Catalogs;

namespace MLNet.FineTune;

/// <summary>Operations on fine-tuned models; obtained by <c>mlContext.FineTuning()</c>.</summary>
public sealed class FineTuningCatalog
{
    private readonly MLContext _context;

    internal FineTuningCatalog(MLContext context) => _context = context;

    internal IHostEnvironment Environment => _context;

    /// <summary>How much each text column matters to a multiclass model: the change of every metric when the column's texts are permuted among the rows.</summary>
    /// <remarks>
    /// ML.NET's own <c>PermutationFeatureImportance</c> permutes the slots of a vector of numbers; this permutes whole
    /// texts, so that the first sentence can be told from the second. An important column shows a strongly negative
    /// change of accuracy. The data is scored once, and once more for each column and permutation.
    /// </remarks>
    /// <param name="model">A <see cref="MulticlassTextClassificationTransformer"/>, or a chain that contains one.</param>
    /// <param name="data">Labelled data as the model takes it, not yet transformed by it.</param>
    /// <param name="labelColumnName">The label, after the part of the chain before the classifier.</param>
    /// <param name="permutationCount">How many permutations of each column, at least 1. More give narrower standard errors.</param>
    /// <param name="numberOfExamplesToUse">Use only that many rows from the start; null for all.</param>
    /// <param name="seed">Seed of the permutations; null takes it from the context.</param>
    /// <returns>For each text column, the statistics of the metrics' changes over the permutations.</returns>
    /// <exception cref="ArgumentException">The model holds no multiclass text classifier.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or a count is not positive.</exception>
    /// <exception cref="InvalidOperationException">The data has no rows.</exception>
    public ImmutableDictionary<string, MulticlassClassificationMetricsStatistics> PermutationFeatureImportance(
        ITransformer model,
        IDataView data,
        string labelColumnName = DefaultColumnNames.Label,
        int permutationCount = 1,
        int? numberOfExamplesToUse = null,
        int? seed = null)
    {
        var importance = PermutationImportance.Create<MulticlassTextClassificationTransformer>(
            _context, model, data, labelColumnName, permutationCount, numberOfExamplesToUse, seed);
        return importance.Measure(
            scored => _context.MulticlassClassification.Evaluate(scored, labelColumnName, importance.Columns.Score, importance.Columns.PredictedLabel),
            MetricDifference.Of,
            () => new MulticlassClassificationMetricsStatistics());
    }

    /// <summary>How much each text column matters to a binary model: the change of every metric when the column's texts are permuted among the rows.</summary>
    /// <remarks>See <see cref="PermutationFeatureImportance"/>.</remarks>
    /// <param name="model">A <see cref="BinaryTextClassificationTransformer"/>, or a chain that contains one.</param>
    /// <param name="data">Labelled data as the model takes it, not yet transformed by it.</param>
    /// <param name="labelColumnName">The label, after the part of the chain before the classifier.</param>
    /// <param name="permutationCount">How many permutations of each column, at least 1.</param>
    /// <param name="numberOfExamplesToUse">Use only that many rows from the start; null for all.</param>
    /// <param name="seed">Seed of the permutations; null takes it from the context.</param>
    /// <returns>For each text column, the statistics of the metrics' changes over the permutations.</returns>
    /// <exception cref="ArgumentException">The model holds no binary text classifier.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, or a count is not positive.</exception>
    /// <exception cref="InvalidOperationException">The data has no rows.</exception>
    public ImmutableDictionary<string, BinaryClassificationMetricsStatistics> PermutationFeatureImportanceBinary(
        ITransformer model,
        IDataView data,
        string labelColumnName = DefaultColumnNames.Label,
        int permutationCount = 1,
        int? numberOfExamplesToUse = null,
        int? seed = null)
    {
        var importance = PermutationImportance.Create<BinaryTextClassificationTransformer>(
            _context, model, data, labelColumnName, permutationCount, numberOfExamplesToUse, seed);
        return importance.Measure(
            scored => _context.BinaryClassification.EvaluateNonCalibrated(scored, labelColumnName, importance.Columns.Score, importance.Columns.PredictedLabel),
            MetricDifference.Of,
            () => new BinaryClassificationMetricsStatistics());
    }
}
