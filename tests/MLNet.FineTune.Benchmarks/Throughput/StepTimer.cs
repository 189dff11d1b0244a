using System.Diagnostics;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>The time of each training step, from its start to the start of the next, and the rows in it.</summary>
internal sealed class StepTimer : ITrainingCallback
{
    private readonly Stopwatch _watch = new();
    private int _rows;

    public List<(double Seconds, int Rows)> Steps { get; } = [];

    public void OnStepStart(TrainingState state)
    {
        EndStep();
        _rows = state.Batches.Sum(batch => batch.Length);
        _watch.Restart();
    }

    public void OnTrainingEnd(TrainingState state) => EndStep();

    private void EndStep()
    {
        if (_watch.IsRunning)
            Steps.Add((_watch.Elapsed.TotalSeconds, _rows));
        _watch.Reset();
    }
}
