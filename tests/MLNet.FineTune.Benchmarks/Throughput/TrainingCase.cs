using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>Training steps on rows of one length.</summary>
internal sealed class TrainingCase : ThroughputCase
{
    private const int BatchesInData = 8;

    private readonly SyntheticTraining _training;
    private readonly ThroughputSettings _settings;
    private readonly int[][] _rows;
    private readonly int[] _labels;
    private int _rounds;

    public TrainingCase(string name, PeftMethod method, ScalarType type, double flopsPerToken, ThroughputSettings settings, SyntheticEncoder encoder)
        : base(name, type, flopsPerToken)
    {
        _settings = settings;
        _training = new SyntheticTraining(encoder, method, type, settings.Batch);
        _rows = encoder.Rows(BatchesInData * settings.Batch, _ => settings.Length, seed: 1);
        _labels = encoder.Labels(_rows.Length);
    }

    public override void Round()
    {
        var timer = new StepTimer();
        _training.Run(_settings.Steps + 1, [.. _rows.Select(row => row.Length)], _labels,
            (batch, config) => EncoderInput.Create([.. batch.Select(row => _rows[row])], null, config, config.Device), timer, _rounds++);
        // The first step allocates the optimiser's state.
        Rates.AddRange(timer.Steps.Skip(1).Select(step => step.Rows * _settings.Length / step.Seconds));
    }

    public override void Dispose() => _training.Dispose();
}
