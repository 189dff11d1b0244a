using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>What a method does while it trains: a part of the loop, called before all others, whose state lies in checkpoints.</summary>
internal abstract class PeftTraining : ITrainingCallback
{
    public virtual string Name => GetType().Name;

    /// <summary>A term added to the loss of every batch; null for none.</summary>
    public virtual Tensor? Penalty() => null;

    /// <inheritdoc/>
    public virtual bool Settled => true;

    public virtual void OnTrainingStart(TrainingState state) { }

    public virtual void OnStepStart(TrainingState state) { }

    public virtual void OnGradients(TrainingState state) { }

    public virtual void OnStepEnd(TrainingState state) { }

    public virtual void OnEpochEnd(TrainingState state) { }

    public virtual void OnTrainingEnd(TrainingState state) { }

    public virtual void SaveState(StateBag state) { }

    public virtual void LoadState(StateBag state) { }
}
