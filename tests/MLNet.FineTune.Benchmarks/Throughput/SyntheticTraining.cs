using MLNet.FineTune.Encoders;
using MLNet.FineTune.Losses;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>A model that is trained on rows of token ids by the library's own training loop.</summary>
internal sealed class SyntheticTraining : IDisposable
{
    private readonly TaskModel _model;
    private readonly PeftAdapter _adapter;
    private readonly SoftmaxCrossEntropy _loss = new();
    private readonly int _batchSize;

    public SyntheticTraining(SyntheticEncoder encoder, PeftMethod method, ScalarType type, int batchSize)
    {
        _model = encoder.Create();
        _model.Encoder.ComputeType = type;
        _adapter = PeftAdapter.Attach(_model, method);
        _batchSize = batchSize;
    }

    /// <param name="steps">How many steps to take.</param>
    /// <param name="rows">Lengths of the rows, for the sampler.</param>
    /// <param name="labels">The class of each row.</param>
    /// <param name="input">Makes the input of a batch of row numbers.</param>
    /// <param name="callback">Observes.</param>
    /// <param name="seed">Decides the batches.</param>
    public void Run(int steps, int[] rows, int[] labels, Func<int[], EncoderConfig, EncoderInput> input, ITrainingCallback callback, int seed)
    {
        var options = new TrainingOptions { MaxSteps = steps, BatchSize = _batchSize };
        new TrainingMode(_model, _adapter).Train();
        TrainingLoop.Run(new TrainingTask
        {
            Groups = ParameterGroups.Build(_adapter.Trainable.Select(p => (p.Name, p.Parameter, (int?)null)), options, _model.Encoder.Config.PhysicalLayerCount),
            Objective = new ClassificationObjective(batch => Logits(input(batch, _model.Encoder.Config)), labels, _loss),
            Sampler = new LengthBucketedSampler(rows, _batchSize, seed),
            DefaultLearningRate = 1e-5,
            Callbacks = [callback],
        }, options);
    }

    private Tensor Logits(EncoderInput input)
    {
        using (input)
            return _model.Forward(input);
    }

    public void Dispose()
    {
        _loss.Dispose();
        _adapter.Dispose();
        _model.Dispose();
    }
}
