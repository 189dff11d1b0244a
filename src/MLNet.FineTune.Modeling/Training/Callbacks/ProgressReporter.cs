namespace MLNet.FineTune.Training;

/// <summary>Reports each step, with the rate and the time left as the latest steps tell them, and what the evaluation after a step found.</summary>
internal sealed class ProgressReporter(IProgress<TrainingProgress> progress, TimeProvider clock) : ITrainingCallback
{
    private const int Window = 32;

    private readonly Queue<(long Time, long Rows)> _marks = new();
    private TrainingProgress? _last;

    public void OnStepStart(TrainingState state)
    {
        if (_marks.Count == 0)
            _marks.Enqueue((clock.GetTimestamp(), state.Rows));
    }

    public void OnStepEnd(TrainingState state)
    {
        (long Time, long Rows) now = (clock.GetTimestamp(), state.Rows);
        (long Time, long Rows) then = _marks.Peek();
        int steps = _marks.Count;
        TimeSpan spent = clock.GetElapsedTime(then.Time, now.Time);
        TimeSpan remaining = spent / steps * (state.TotalSteps - state.Step);
        if (state.Options.MaxDuration is { } limit && limit - state.Elapsed < remaining)
            remaining = limit > state.Elapsed ? limit - state.Elapsed : TimeSpan.Zero;

        _marks.Enqueue(now);
        if (_marks.Count > Window)
            _marks.Dequeue();
        _last = new TrainingProgress(
            state.Step, state.TotalSteps, state.Epoch + (double)state.StepInEpoch / state.StepsPerEpoch,
            state.Loss, state.LearningRate, state.GradientNorm,
            spent > TimeSpan.Zero ? (now.Rows - then.Rows) / spent.TotalSeconds : 0, remaining, state.ValidationMetric);
        progress.Report(_last);
    }

    public void OnEpochEnd(TrainingState state) => ReportEvaluation(state);

    public void OnTrainingEnd(TrainingState state) => ReportEvaluation(state);

    /// <summary>Without it the last evaluation would never be seen, and each other one a step late.</summary>
    private void ReportEvaluation(TrainingState state)
    {
        if (_last is null || _last.ValidationMetric.Equals(state.ValidationMetric))
            return;
        _last = _last with { ValidationMetric = state.ValidationMetric };
        progress.Report(_last);
    }
}
