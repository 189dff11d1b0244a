using MLNet.FineTune.Models;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The first of the two trainings: all places that a mask chooses from train, and how far each moves is read off.</summary>
internal sealed class DenseDifference : IDisposable
{
    private readonly List<(Parameter Trained, Tensor Before)> _parameters = [];

    public DenseDifference(TaskModel model, double l1)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (_, linear) in SparseSelection.Candidates(model))
            foreach (Parameter parameter in new[] { linear.Weight, linear.Bias })
                _parameters.Add((parameter, parameter.detach().clone().DetachFromDisposeScope()));
        double weight = l1 / _parameters.Sum(p => p.Before.numel());
        Method = new AllCandidates { Penalty = l1 == 0 ? null : new DifferencePenalty(weight, () => _parameters.Select(p => p.Trained - p.Before)) };
    }

    public PeftMethod Method { get; }

    /// <summary>The places that moved farthest, for each projection.</summary>
    public int[][] Largest(double share)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return SparseSelection.Largest([.. _parameters.Chunk(2).Select(pair => cat([.. pair.Select(p => (p.Trained - p.Before).abs().flatten())]))], share);
    }

    public void Dispose()
    {
        foreach ((_, Tensor before) in _parameters)
            before.Dispose();
    }

    /// <summary>Never saved, so that it has no name.</summary>
    private sealed record AllCandidates : PeftMethod
    {
        public PeftTraining? Penalty { get; init; }

        internal override double DefaultLearningRateFor(Encoders.EncoderConfig encoder) => new SparseFineTuning().DefaultLearningRateFor(encoder);

        internal override void Apply(PeftContext context)
        {
            HashSet<string> modules = [.. SparseSelection.Candidates(context.Model).Select(candidate => candidate.Path)];
            context.Train(name => modules.Contains(ParameterNames.Module(name)));
        }

        internal override PeftTraining? CreateTraining(PeftAdapter adapter) => Penalty;
    }
}
