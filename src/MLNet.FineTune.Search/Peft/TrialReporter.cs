using MLNet.FineTune.Training;

namespace MLNet.FineTune.Search;

/// <summary>Reports a training's validation metric after each epoch, and leaves it where the pruner says so.</summary>
internal sealed class TrialReporter(TrialContext trial) : ITrainingCallback
{
    /// <inheritdoc/>
    /// <exception cref="TrialPrunedException">The trial is not worth its end.</exception>
    public void OnEpochEnd(TrainingState state)
    {
        if (state.ValidationMetric is not { } metric)
            return;
        trial.Report(state.Epoch + 1, metric);
        if (!state.Finished)
            trial.ThrowIfPruned();
    }
}
