using BenchmarkDotNet.Attributes;
using MLNet.FineTune.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Micro;

/// <summary>Loss and gradient of 32 rows over 77 classes.</summary>
public class CrossEntropyBenchmark : IDisposable
{
    private Tensor _logits = null!;
    private Tensor _labels = null!;
    private Tensor _weights = null!;
    private SoftmaxCrossEntropy _loss = null!;

    [GlobalSetup]
    public void Setup()
    {
        _logits = randn(32, 77, requires_grad: true);
        _labels = randint(77, [32], dtype: ScalarType.Int64);
        _weights = rand(32);
        _loss = new SoftmaxCrossEntropy();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _loss.Dispose();
        _logits.Dispose();
        _labels.Dispose();
        _weights.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public void Plain() => Compute(null);

    [Benchmark]
    public void RowWeights() => Compute(_weights);

    private void Compute(Tensor? weights)
    {
        using DisposeScope scope = NewDisposeScope();
        _loss.Compute(_logits, _labels, weights).backward();
        _logits.grad = null;
    }
}
