using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>What a search over a trainer's options can make as good as it can: a metric of ML.NET's evaluators, or a cost.</summary>
public sealed class TrainerObjective
{
    private readonly Func<FittedTrainer, double> _measure;

    private TrainerObjective(string name, ObjectiveDirection direction, Func<FittedTrainer, double> measure, bool watchesMemory = false, double? limit = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, Direction, _measure, WatchesMemory, Limit) = (name, direction, measure, watchesMemory, limit);
    }

    /// <summary>What is measured, such as <c>accuracy</c>.</summary>
    public string Name { get; }

    /// <summary>Which values are better.</summary>
    public ObjectiveDirection Direction { get; }

    /// <summary>The worst value that is taken; trials beyond it are not on the front.</summary>
    /// <value>Default <see langword="null"/>: any; see <see cref="WithLimit"/>.</value>
    public double? Limit { get; }

    /// <summary>Whether memory has to be watched during the fit.</summary>
    internal bool WatchesMemory { get; }

    /// <summary>The time that a fit takes, in seconds. It depends on the machine and what else it does.</summary>
    public static TrainerObjective FitSeconds { get; } = new("fit seconds", ObjectiveDirection.Minimize, fitted => fitted.FitTime.TotalSeconds);

    /// <summary>The size of the model as ML.NET saves it, in bytes.</summary>
    public static TrainerObjective ModelBytes { get; } = new("model bytes", ObjectiveDirection.Minimize, fitted => fitted.SavedBytes());

    /// <summary>
    /// The time that a row takes through the fitted model, in milliseconds: validation rows, at most 128, from memory, every column that the model adds being read; the fastest of three rounds.
    /// It depends on the machine and what else it does.
    /// </summary>
    public static TrainerObjective ScoringMilliseconds { get; } = new("scoring milliseconds", ObjectiveDirection.Minimize, fitted => fitted.ScoringMilliseconds());

    /// <summary>
    /// The most main memory that the process holds during the fit, and while the objectives before this one are measured, in bytes, beyond what it held before; what a GPU holds is not in it, other work of the process is.
    /// </summary>
    public static TrainerObjective PeakMemoryBytes { get; } = new("peak memory bytes", ObjectiveDirection.Minimize, fitted => fitted.PeakMemoryBytes, watchesMemory: true);

    /// <summary>The same objective with a limit: the most of what is to be small, the least of what is to be large. Trials beyond it are recorded, but are not on the front, and the tuner looks elsewhere.</summary>
    /// <param name="limit">A finite number.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public TrainerObjective WithLimit(double limit) => double.IsFinite(limit)
        ? new(Name, Direction, _measure, WatchesMemory, limit)
        : throw new ArgumentOutOfRangeException(nameof(limit), limit, $"The limit of '{Name}' is {limit}; expected a finite number.");

    /// <summary>Any number that scored data give.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="direction">Which values are better.</param>
    /// <param name="measure">Measures the validation rows as the model transforms them. They may be read several times, and are scored once.</param>
    public static TrainerObjective Metric(string name, ObjectiveDirection direction, Func<MLContext, IDataView, double> measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return new(name, direction, fitted => measure(fitted.Context, fitted.Scored));
    }

    /// <summary>Any number that a fitted model gives, such as that of its parameters.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="direction">Which values are better.</param>
    /// <param name="measure">Measures the model.</param>
    public static TrainerObjective OfModel(string name, ObjectiveDirection direction, Func<ITransformer, double> measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return new(name, direction, fitted => measure(fitted.Model));
    }

    /// <summary>The share of rows whose class is the predicted one, of a multiclass model.</summary>
    /// <param name="labelColumnName">The label, a key.</param>
    /// <param name="scoreColumnName">The scores of the classes.</param>
    /// <param name="predictedLabelColumnName">The predicted class, a key.</param>
    public static TrainerObjective MicroAccuracy(string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel") =>
        Multiclass("micro-accuracy", ObjectiveDirection.Maximize, metrics => metrics.MicroAccuracy, labelColumnName, scoreColumnName, predictedLabelColumnName);

    /// <summary>The mean over the classes of the share of their rows that are predicted, of a multiclass model.</summary>
    /// <inheritdoc cref="MicroAccuracy"/>
    public static TrainerObjective MacroAccuracy(string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel") =>
        Multiclass("macro-accuracy", ObjectiveDirection.Maximize, metrics => metrics.MacroAccuracy, labelColumnName, scoreColumnName, predictedLabelColumnName);

    /// <summary>The mean negative logarithm of the probability of the class, of a multiclass model.</summary>
    /// <inheritdoc cref="MicroAccuracy"/>
    public static TrainerObjective LogLoss(string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel") =>
        Multiclass("log-loss", ObjectiveDirection.Minimize, metrics => metrics.LogLoss, labelColumnName, scoreColumnName, predictedLabelColumnName);

    /// <summary>The share of rows whose label is the predicted one, of a binary model.</summary>
    /// <param name="labelColumnName">The label, Boolean.</param>
    /// <param name="scoreColumnName">The score.</param>
    /// <param name="predictedLabelColumnName">The predicted label.</param>
    public static TrainerObjective BinaryAccuracy(string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel") =>
        Binary("accuracy", metrics => metrics.Accuracy, labelColumnName, scoreColumnName, predictedLabelColumnName);

    /// <summary>The probability that a true row has a higher score than a false one, of a binary model.</summary>
    /// <inheritdoc cref="BinaryAccuracy"/>
    public static TrainerObjective AreaUnderRocCurve(string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel") =>
        Binary("area under the ROC curve", metrics => metrics.AreaUnderRocCurve, labelColumnName, scoreColumnName, predictedLabelColumnName);

    /// <summary>The harmonic mean of precision and recall of the true rows, of a binary model.</summary>
    /// <inheritdoc cref="BinaryAccuracy"/>
    public static TrainerObjective F1Score(string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel") =>
        Binary("F1", metrics => metrics.F1Score, labelColumnName, scoreColumnName, predictedLabelColumnName);

    /// <summary>The root of the mean squared difference of score and label, of a regression.</summary>
    /// <param name="labelColumnName">The label, a number.</param>
    /// <param name="scoreColumnName">The score.</param>
    public static TrainerObjective RootMeanSquaredError(string labelColumnName = "Label", string scoreColumnName = "Score") =>
        Regression("root mean squared error", ObjectiveDirection.Minimize, metrics => metrics.RootMeanSquaredError, labelColumnName, scoreColumnName);

    /// <summary>The mean absolute difference of score and label, of a regression.</summary>
    /// <inheritdoc cref="RootMeanSquaredError"/>
    public static TrainerObjective MeanAbsoluteError(string labelColumnName = "Label", string scoreColumnName = "Score") =>
        Regression("mean absolute error", ObjectiveDirection.Minimize, metrics => metrics.MeanAbsoluteError, labelColumnName, scoreColumnName);

    /// <summary>The share of the label's variance that the score explains, of a regression.</summary>
    /// <inheritdoc cref="RootMeanSquaredError"/>
    public static TrainerObjective RSquared(string labelColumnName = "Label", string scoreColumnName = "Score") =>
        Regression("R squared", ObjectiveDirection.Maximize, metrics => metrics.RSquared, labelColumnName, scoreColumnName);

    internal SearchObjective ToStudy() => new(Name, Direction) { Limit = Limit };

    internal double Measure(FittedTrainer fitted) => _measure(fitted);

    private static TrainerObjective Multiclass(string name, ObjectiveDirection direction, Func<MulticlassClassificationMetrics, double> value, string label, string score, string predicted) =>
        Metric(name, direction, (ml, scored) => value(ml.MulticlassClassification.Evaluate(scored, label, score, predicted)));

    private static TrainerObjective Binary(string name, Func<BinaryClassificationMetrics, double> value, string label, string score, string predicted) =>
        Metric(name, ObjectiveDirection.Maximize, (ml, scored) => value(ml.BinaryClassification.EvaluateNonCalibrated(scored, label, score, predicted)));

    private static TrainerObjective Regression(string name, ObjectiveDirection direction, Func<RegressionMetrics, double> value, string label, string score) =>
        Metric(name, direction, (ml, scored) => value(ml.Regression.Evaluate(scored, label, score)));
}
