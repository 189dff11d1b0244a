using BenchmarkDotNet.Attributes;
using MLNet.FineTune.Benchmarks.Throughput;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Micro;

/// <summary>From rows of token ids to the batches of an epoch, and to the padded tensors of one.</summary>
public class BatchBenchmark
{
    private const int Batch = 32;

    private EncoderConfig _config = null!;
    private int[][] _rows = [];
    private LengthBucketedSampler _sampler = null!;
    private int _epoch;

    [GlobalSetup]
    public void Setup()
    {
        var encoder = new SyntheticEncoder(1, 32, 64, CPU);
        using TaskModel model = encoder.Create();
        _config = model.Encoder.Config;
        _rows = encoder.Rows(10_000, random => random.Next(4, 65), seed: 1);
        _sampler = new LengthBucketedSampler([.. _rows.Select(row => row.Length)], Batch, seed: 1);
    }

    [Benchmark]
    public void PadBatch() => EncoderInput.Create(_rows[..Batch], null, _config, CPU).Dispose();

    [Benchmark]
    public int SampleEpochOf10000() => _sampler.Batches(_epoch++).Count();
}
