using System.Diagnostics;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>The forward pass alone, over batches that are tokenised already.</summary>
internal sealed class EncoderScoringCase : ThroughputCase
{
    private readonly TaskModel _model;
    private readonly int[][][] _batches;

    public EncoderScoringCase(string name, ScalarType type, double flopsPerToken, SyntheticEncoder encoder, int[][][] batches) : base(name, type, flopsPerToken)
    {
        _batches = batches;
        _model = encoder.Create();
        _model.Encoder.ComputeType = type;
        _model.eval();
        // Weights that train would be cast to bfloat16 anew in every pass.
        foreach (var parameter in _model.parameters())
            parameter.requires_grad = false;
    }

    public override void Round()
    {
        using IDisposable frozen = no_grad();
        var watch = Stopwatch.StartNew();
        foreach (int[][] batch in _batches)
        {
            using DisposeScope scope = NewDisposeScope();
            using EncoderInput input = EncoderInput.Create(batch, null, _model.Encoder.Config, _model.Encoder.Config.Device);
            _model.Forward(input).cpu();
        }
        Rates.Add(_batches.Sum(batch => batch.Sum(row => row.Length)) / watch.Elapsed.TotalSeconds);
    }

    public override void Dispose() => _model.Dispose();
}
