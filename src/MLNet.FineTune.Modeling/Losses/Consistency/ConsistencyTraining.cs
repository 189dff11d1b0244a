using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>What a <see cref="ConsistencyRegularization"/> does while it trains: it makes the loss of a batch, and is a part of the loop whose state lies in checkpoints.</summary>
internal abstract class ConsistencyTraining : ITrainingCallback, IDisposable
{
    public virtual string Name => GetType().Name;

    /// <summary>Whether word embeddings are changed, so that no output of a layer is the same twice.</summary>
    public virtual bool ChangesWords => false;

    /// <summary>The loss of a batch, a scalar.</summary>
    /// <param name="objective">Scores rows and compares scores.</param>
    /// <param name="rows">The rows.</param>
    public abstract Tensor Loss(LabelObjective objective, int[] rows);

    public virtual void OnTrainingStart(TrainingState state) { }

    public virtual void OnStepEnd(TrainingState state) { }

    public virtual void OnRestart(TrainingState state, IReadOnlySet<string> names) { }

    public virtual void SaveState(StateBag state) { }

    public virtual void LoadState(StateBag state) { }

    public virtual void Dispose() { }
}
