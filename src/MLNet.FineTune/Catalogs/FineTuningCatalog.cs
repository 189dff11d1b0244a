using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Persistence;

namespace MLNet.FineTune;

/// <summary>Operations on fine-tuned models; obtained by <c>mlContext.FineTuning()</c>.</summary>
public sealed partial class FineTuningCatalog
{
    private readonly MLContext _context;

    internal FineTuningCatalog(MLContext context) => _context = context;

    internal IHostEnvironment Environment => _context;

    /// <summary>Saves a model as <c>mlContext.Model.Save</c> does, but whole or not at all: a failure leaves no file, and leaves a file that was there as it was.</summary>
    /// <param name="model">Any ML.NET model.</param>
    /// <param name="inputSchema">Schema of the data the model takes; null to save none.</param>
    /// <param name="filePath">Path of the zip, which is replaced when it exists.</param>
    /// <exception cref="IOException">The file could not be written completely, for instance because the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder may not be written.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public void SaveModel(ITransformer model, DataViewSchema? inputSchema, string filePath)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(filePath);
        ModelFile.Save(_context, model, inputSchema, filePath);
    }

    /// <summary>Loads a model as <c>mlContext.Model.Load</c> does, and says plainly what is wrong with a file that is damaged.</summary>
    /// <remarks>ML.NET loads by reflection, so that its own method hides the cause of a failure in inner exceptions.</remarks>
    /// <param name="filePath">Path of the zip.</param>
    /// <param name="inputSchema">The schema that was saved with the model, or null.</param>
    /// <returns>The model, to be disposed by the caller.</returns>
    /// <exception cref="InvalidDataException">The file is no ML.NET model, is damaged or altered, needs an assembly that is not there or a newer version of the library; the message names the file and the stream in it.</exception>
    /// <exception cref="NotSupportedException">The encoder or tokenizer in the model is of a kind that this version of the library does not have.</exception>
    /// <exception cref="IOException">There is no such file, it cannot be read, or the directory of the encoder that the model refers to is missing.</exception>
    /// <exception cref="InvalidOperationException">The encoder that the model refers to would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    public ITransformer LoadModel(string filePath, out DataViewSchema? inputSchema)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(filePath);
        return ModelFile.Load(_context, filePath, out inputSchema);
    }

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
