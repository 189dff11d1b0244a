using MLNet.FineTune.Training;

namespace MLNet.FineTune.SelfTraining;

/// <summary>How rounds end: whether their labels are still good, how good the model is, and what the user is told.</summary>
internal sealed partial class SelfTrainingRun
{
    /// <summary>Returns to the model whose labels were good last, where they have collapsed; to be called within <see cref="Once"/> when it was changed since.</summary>
    public void ReturnToGood() => _good!.CopyTo(Adapter);

    /// <summary>Whether the kept labels have collapsed, so that they are not to be learnt from; the user is told, and the model is the one again whose labels were good last, in the first round this one.</summary>
    /// <param name="round">The round, from 1.</param>
    /// <param name="labels">All pseudo-labels.</param>
    /// <param name="kept">Those to be kept.</param>
    /// <param name="trueLabels">True classes of the texts, −1 where not known; null where none is.</param>
    public bool Collapsed(int round, PseudoLabels labels, int[] kept, int[]? trueLabels) => _journal.Value("alarm", () =>
    {
        string? collapse = _alarm.Check(labels.CountPerClass(kept));
        if (collapse is null || _good is null)
        {
            _good?.Dispose();
            _good = AdapterState.Of(Adapter);
        }
        _journal.ModelChanged();
        if (collapse is null)
            return false;
        ReturnToGood();
        Inform($"Round {round}: self-training stops with the last model whose labels were good, as they have collapsed: {collapse}.");
        Report(round, labels, kept, trueLabels, metric: null, collapsed: true);
        return true;
    });

    /// <summary>Measures the model, remembers it where it is the best so far, and reports.</summary>
    /// <inheritdoc cref="Collapsed"/>
    public void EndRound(int round, PseudoLabels labels, int[] kept, int[]? trueLabels) => _journal.Value("round", () =>
    {
        Report(round, labels, kept, trueLabels, Remember(), collapsed: false);
        return round;
    });

    /// <summary>Measures the model on the validation rows and keeps a copy where it is the best so far.</summary>
    /// <returns>The metric; null without validation rows.</returns>
    public double? Remember() => _journal.Value("measure", Measure);

    private double? Measure()
    {
        if (_run.Validation is null)
            return null;
        double metric = Mode.Evaluate(() => _run.Session.Measure(_run.Validation));
        if (_best is null || metric > _bestMetric)
        {
            _best?.Dispose();
            (_best, _bestMetric) = (AdapterState.Of(Adapter), metric);
            _journal.ModelChanged();
        }
        return ClassificationMetrics.HigherIsBetter(Tuning.Training.ValidationMetric) ? metric : -metric;
    }

    private void Report(int round, PseudoLabels labels, int[] kept, int[]? trueLabels, double? metric, bool collapsed)
    {
        int[] known = trueLabels is null ? [] : [.. kept.Where(row => trueLabels[row] >= 0)];
        double? accuracy = known.Length == 0 ? null : known.Count(row => labels.Label(row) == trueLabels![row]) / (double)known.Length;
        int[] counts = labels.CountPerClass(kept);
        Inform(FormattableString.Invariant(
            $"Round {round}: {kept.Length} of {labels.Count} pseudo-labels kept, by class {string.Join(", ", counts)}{(accuracy is { } a ? $", {a:P1} of them right" : "")}{(metric is { } m ? $"; {Tuning.Training.ValidationMetric} {m:F4}" : "")}."));
        Tell(new SelfTrainingProgress(round, labels.Count, kept.Length, counts, accuracy, metric, collapsed, _alarm.Drift));
    }

    private void Tell(SelfTrainingProgress report)
    {
        _reports.Add(report);
        _task.Progress?.Report(report);
    }
}
