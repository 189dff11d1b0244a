using Microsoft.ML.AutoML;

namespace MLNet.FineTune.AutoML.Tests.Fixtures;

/// <summary>Keeps what an experiment reports.</summary>
internal sealed class Recorder : IMonitor
{
    public List<TrialResult> Completed { get; } = [];

    public List<Exception?> Failures { get; } = [];

    /// <summary>Is called with each completed trial.</summary>
    public Action<TrialResult>? OnCompleted { get; init; }

    public void ReportCompletedTrial(TrialResult result)
    {
        Completed.Add(result);
        OnCompleted?.Invoke(result);
    }

    public void ReportBestTrial(TrialResult result)
    {
    }

    public void ReportFailTrial(TrialSettings settings, Exception? exception = null) => Failures.Add(exception);

    public void ReportRunningTrial(TrialSettings setting)
    {
    }
}
