using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Training;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Soups;

/// <summary>Rows that mixed models are measured on, by the metric of their task.</summary>
internal sealed class SoupValidation
{
    private readonly TrainingSet _set;
    private readonly ClassLabels _labels;
    private readonly ValidationMetric _metric;
    private readonly Action _checkAlive;

    /// <param name="host">Polled for cancellation.</param>
    /// <param name="model">The first of the models, which all have its columns and labels.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="labelColumnName">Their label.</param>
    /// <param name="metric">What is measured; null for what is usual of the task.</param>
    /// <param name="parameter">The parameter that names the rows, for messages.</param>
    /// <exception cref="NotSupportedException">The models answer questions.</exception>
    /// <exception cref="ArgumentException">The metric is not defined for the task.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">There are no rows with labels, or other classes.</exception>
    public SoupValidation(IHost host, FineTunedTextTransformer model, IDataView rows, string labelColumnName, ValidationMetric? metric, string parameter)
    {
        if (model.Task == ClassificationTask.QuestionAnswering)
            throw new NotSupportedException($"Models that answer questions are not chosen by a validation set; mix them all with {nameof(FineTuningCatalog.Soup)}.");
        var columns = new TrainingColumns(labelColumnName, model.Columns.Sentence1, model.Columns.Sentence2);
        columns.Check();
        _metric = metric ?? (model.Task == ClassificationTask.Regression ? ValidationMetric.RootMeanSquaredError : ValidationMetric.Accuracy);
        if ((model.Task switch { ClassificationTask.Regression => RegressionMetrics.Defined, ClassificationTask.Tagging => WordMetrics.Defined, _ => null }) is { } defined && !defined.Contains(_metric))
            throw new ArgumentException($"The metric {_metric} is not defined for models of type {model.GetType().Name}; expected one of {string.Join(", ", defined)}.", nameof(metric));
        (_labels, _checkAlive) = (model.Labels, host.CheckAlive);
        _set = TrainingSet.ReadBeside(host, rows, columns, model.Task, model.Labels, "models", "validation set", parameter);
    }

    /// <summary>The metric of a model.</summary>
    public double Measure(TextClassifier model)
    {
        int[] counts = [.. _set.Inputs.Select(model.LogitCount)];
        var scores = new float[counts.Sum()];
        model.Score(_set.Inputs, scores, _checkAlive);
        if (_set.Targets is { } targets)
            return RegressionMetrics.Compute(_metric, scores, targets);
        if (_set.Tags is not { } tags)
            return ClassificationMetrics.Compute(_metric, scores, _set.Labels, _labels.Count);
        var rows = new float[counts.Length][];
        for (int row = 0, start = 0; row < rows.Length; start += counts[row++])
            rows[row] = scores[start..(start + counts[row])];
        // A word that the tokenizer makes nothing of has no logits.
        return WordMetrics.Compute(_metric, rows, tags, row => Enumerable.Range(0, tags[row].Length).Where(word => tags[row][word] >= 0 && !float.IsNaN(rows[row][word * _labels.Count])), _labels.Count, _labels.Names);
    }

    /// <summary>A metric as a number of which more is better.</summary>
    public double Goodness(double value) => double.IsNaN(value) ? double.NegativeInfinity : ClassificationMetrics.HigherIsBetter(_metric) ? value : -value;
}
