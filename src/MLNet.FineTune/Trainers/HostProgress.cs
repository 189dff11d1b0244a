using System.Globalization;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Trainers;

/// <summary>Reports training to ML.NET: a progress channel that can be asked at any time, and a log line each epoch.</summary>
internal sealed class HostProgress : ITrainingCallback, IDisposable
{
    private readonly IChannel _channel;
    private readonly IProgressChannel _progress;
    private TrainingState? _state;

    public HostProgress(IHost host, IChannel channel)
    {
        _channel = channel;
        _progress = host.StartProgressChannel("Fine-tuning");
        _progress.SetHeader(new ProgressHeader(["Loss", "Learning rate", "Validation"], ["steps"]), Fill);
    }

    public void OnTrainingStart(TrainingState state) => _state = state;

    public void OnEpochEnd(TrainingState state) => _channel.Info(string.Create(CultureInfo.InvariantCulture,
        $"Epoch {state.Epoch + 1}: step {state.Step} of {state.TotalSteps}, loss {state.Loss:G4}{(state.ValidationMetric is { } metric ? $", {state.Options.ValidationMetric} {metric:F4}" : "")}, {state.Elapsed.TotalSeconds:F1} s."));

    public void Dispose() => _progress.Dispose();

    private void Fill(IProgressEntry entry)
    {
        if (_state is not { } state)
            return;
        entry.SetProgress(0, state.Step, state.TotalSteps);
        entry.SetMetric(0, state.Loss);
        entry.SetMetric(1, state.LearningRate);
        if (state.ValidationMetric is { } metric)
            entry.SetMetric(2, metric);
    }
}
