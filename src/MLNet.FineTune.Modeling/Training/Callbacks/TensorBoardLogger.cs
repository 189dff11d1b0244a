using TorchSharp;
using TorchSharp.Modules;

namespace MLNet.FineTune.Training;

/// <summary>Writes the scalars of each step as TensorBoard events; a resumed run adds a file of its own to the folder.</summary>
internal sealed class TensorBoardLogger(string directory) : ITrainingCallback
{
    private readonly SummaryWriter _writer = torch.utils.tensorboard.SummaryWriter(directory);
    private (int Step, TimeSpan Elapsed, long Rows) _previous;
    private double? _reportedMetric;

    public void OnStepStart(TrainingState state)
    {
        if (_previous.Step == 0)
            _previous = (state.Step, state.Elapsed, state.Rows);
    }

    public void OnStepEnd(TrainingState state)
    {
        Add("train/loss", state.Loss, state);
        Add("train/learning_rate", state.LearningRate, state);
        Add("train/gradient_norm", state.GradientNorm, state);
        if (state.Elapsed > _previous.Elapsed)
            Add("train/rows_per_second", (state.Rows - _previous.Rows) / (state.Elapsed - _previous.Elapsed).TotalSeconds, state);
        _previous = (state.Step, state.Elapsed, state.Rows);
        AddMetric(state);
    }

    public void OnEpochEnd(TrainingState state) => AddMetric(state);

    public void OnTrainingEnd(TrainingState state) => AddMetric(state);

    private void AddMetric(TrainingState state)
    {
        if (state.ValidationMetric is not { } metric || metric.Equals(_reportedMetric))
            return;
        _reportedMetric = metric;
        Add($"validation/{state.Options.ValidationMetric}", metric, state);
    }

    private void Add(string tag, double value, TrainingState state) => _writer.add_scalar(tag, (float)value, state.Step);
}
