namespace MLNet.FineTune.Search;

/// <summary>Objectives as studies have them.</summary>
internal static class PeftObjectives
{
    public static SearchObjective[] ToStudy(PeftSearchOptions options, ValidationMetric metric) =>
        [.. options.Objectives.Select(objective => ToStudy(objective, metric) with { Limit = options.Limits.TryGetValue(objective, out double limit) ? limit : null })];

    private static SearchObjective ToStudy(PeftObjective objective, ValidationMetric metric) => objective switch
    {
        PeftObjective.Quality => new(Name(metric), Training.ClassificationMetrics.HigherIsBetter(metric) ? ObjectiveDirection.Maximize : ObjectiveDirection.Minimize),
        PeftObjective.TrainableParameters => new("trainable parameters", ObjectiveDirection.Minimize),
        PeftObjective.TrainingSeconds => new("training seconds", ObjectiveDirection.Minimize),
        PeftObjective.AdapterBytes => new("adapter bytes", ObjectiveDirection.Minimize),
        PeftObjective.ScoringMilliseconds => new("scoring milliseconds", ObjectiveDirection.Minimize),
        PeftObjective.PeakMemoryBytes => new("peak memory bytes", ObjectiveDirection.Minimize),
        _ => throw new ArgumentOutOfRangeException(nameof(objective), objective, null),
    };

    private static string Name(ValidationMetric metric) => metric switch
    {
        ValidationMetric.Accuracy => "accuracy",
        ValidationMetric.MacroF1 => "macro F1",
        ValidationMetric.LogLoss => "log loss",
        ValidationMetric.AreaUnderRocCurve => "area under the ROC curve",
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
    };
}
