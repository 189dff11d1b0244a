using System.Globalization;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Pretraining;

/// <summary>Reports pre-training to ML.NET: a progress channel that can be asked at any time, and some twenty log lines over the whole run, because it has few epochs or one.</summary>
internal sealed class PretrainingProgress : IDisposable
{
    private const int Lines = 20;

    private readonly IChannel _channel;
    private readonly IProgressChannel _progress;
    private TrainingState? _state;

    public PretrainingProgress(IHost host, IChannel channel, string name)
    {
        _channel = channel;
        _progress = host.StartProgressChannel(name);
        _progress.SetHeader(new ProgressHeader(["Loss", "Learning rate"], ["steps"]), Fill);
    }

    /// <param name="state">Where the training stands.</param>
    /// <param name="losses">The losses of the step by name, before weighting.</param>
    public void OnStepEnd(TrainingState state, IReadOnlyDictionary<string, double> losses)
    {
        _state = state;
        if (state.Step % Math.Max(1, state.TotalSteps / Lines) != 0 && !state.Finished)
            return;
        string parts = losses.Count < 2 ? "" : $" ({string.Join(", ", losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{loss.Key} {loss.Value:G4}")))})";
        _channel.Info(string.Create(CultureInfo.InvariantCulture, $"Step {state.Step} of {state.TotalSteps}, epoch {state.Epoch + 1}: loss {state.Loss:G4}{parts}, {state.Elapsed.TotalSeconds:F1} s."));
    }

    public void Dispose() => _progress.Dispose();

    private void Fill(IProgressEntry entry)
    {
        if (_state is not { } state)
            return;
        entry.SetProgress(0, state.Step, state.TotalSteps);
        entry.SetMetric(0, state.Loss);
        entry.SetMetric(1, state.LearningRate);
    }
}
