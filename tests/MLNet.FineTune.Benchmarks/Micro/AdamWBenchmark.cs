using BenchmarkDotNet.Attributes;
using MLNet.FineTune.Training;
using TorchSharp;
using AdamW = MLNet.FineTune.Training.AdamW;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Micro;

/// <summary>An optimiser step over 100 tensors of 384 × 384, gradients collected, measured and clipped.</summary>
public class AdamWBenchmark : IDisposable
{
    private IReadOnlyList<ParameterGroup> _groups = [];
    private AdamW _optimizer = null!;

    [GlobalSetup]
    public void Setup()
    {
        var options = new TrainingOptions();
        (string, Parameter, int?)[] parameters = [.. Enumerable.Range(0, 100).Select(i => ($"layer.{i}.weight", new Parameter(randn(384, 384)), (int?)null))];
        foreach (var (_, parameter, _) in parameters)
            parameter.grad = randn(384, 384);
        _groups = ParameterGroups.Build(parameters, options, layerCount: 1);
        _optimizer = new AdamW(_groups, options.Beta1, options.Beta2, options.Epsilon);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (var member in _groups.SelectMany(group => group.Parameters))
            member.Parameter.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public double Step()
    {
        using DisposeScope scope = NewDisposeScope();
        Gradients gradients = Gradients.Collect(_groups);
        double norm = gradients.Measure(zeros(1)).Norm;
        gradients.Clip(norm, 1.0);
        _optimizer.Step(gradients, 1e-5);
        return norm;
    }
}
