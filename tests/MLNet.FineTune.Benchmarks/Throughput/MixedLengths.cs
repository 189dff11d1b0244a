using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>Full training on rows of different lengths: in batches of similar length, against the same rows all padded to the greatest length.</summary>
internal sealed class MixedLengths : IDisposable
{
    public const int MeanLength = 20;
    public const int MaxLength = 64;

    private const int Batches = 32;

    private readonly SyntheticTraining _training;
    private readonly int[][] _rows;
    private readonly int[] _lengths;
    private readonly int[] _labels;
    private readonly int _paddedSteps;
    private int _rounds;

    public MixedLengths(ThroughputSettings settings)
    {
        var encoder = new SyntheticEncoder(settings.Layers, settings.Hidden, MaxLength, settings.Device);
        _training = new SyntheticTraining(encoder, new FullFineTuning(), ScalarType.Float32, settings.Batch);
        _rows = encoder.Rows(Batches * settings.Batch, Length, seed: 4);
        _lengths = [.. _rows.Select(row => row.Length)];
        _labels = encoder.Labels(_rows.Length);
        _paddedSteps = Math.Min(2 * settings.Steps, Batches);
    }

    /// <summary>The mean length of the rows.</summary>
    public double Mean => _lengths.Average();

    /// <summary>Rows a second of each round.</summary>
    public List<double> Bucketed { get; } = [];

    /// <summary>Rows a second of each round.</summary>
    public List<double> Padded { get; } = [];

    public double Speedup => Statistics.Median(Bucketed.Zip(Padded, (bucketed, padded) => bucketed / padded));

    /// <summary>A whole epoch in buckets, for its batches differ, and a few padded steps, for those are all alike.</summary>
    public void Round()
    {
        Bucketed.Add(Rate(Batches, (batch, config) => EncoderInput.Create([.. batch.Select(row => _rows[row])], null, config, config.Device)));
        Padded.Add(Rate(_paddedSteps, PaddedInput));
        _rounds++;
    }

    private double Rate(int steps, Func<int[], EncoderConfig, EncoderInput> input)
    {
        var timer = new StepTimer();
        _training.Run(steps, _lengths, _labels, input, timer, _rounds);
        return timer.Steps.Sum(step => step.Rows) / timer.Steps.Sum(step => step.Seconds);
    }

    private EncoderInput PaddedInput(int[] batch, EncoderConfig config)
    {
        var ids = new long[batch.Length * MaxLength];
        var mask = new bool[ids.Length];
        Array.Fill(ids, config.PadId);
        for (int i = 0; i < batch.Length; i++)
            for (int j = 0; j < _rows[batch[i]].Length; j++)
                (ids[i * MaxLength + j], mask[i * MaxLength + j]) = (_rows[batch[i]][j], true);
        using Tensor onCpuIds = tensor(ids, [batch.Length, MaxLength]), onCpuMask = tensor(mask, [batch.Length, MaxLength]);
        return new EncoderInput(onCpuIds.to(config.Device, copy: true), onCpuMask.to(config.Device, copy: true));
    }

    /// <summary>Log-normal, as lengths of sentences nearly are, cut at both ends; σ and the median are chosen for the mean.</summary>
    private static int Length(Random random)
    {
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Math.Clamp((int)Math.Round(MedianLength * Math.Exp(Sigma * normal)), 4, MaxLength);
    }

    private const double Sigma = 0.6;

    /// <summary>The mean of a log-normal is its median times exp(σ²/2); cutting at 64 takes some off again.</summary>
    private const double MedianLength = 17.1;

    public void Dispose() => _training.Dispose();
}
