namespace MLNet.FineTune.Training;

/// <summary>Makes one set of weights of all that a run has, and gives it to whoever measures it and to the model at the end.</summary>
internal abstract class AveragedWeights : ITrainingCallback, IDisposable
{
    /// <summary>All that trains.</summary>
    protected IReadOnlyList<NamedParameter> Parameters { get; private set; } = [];

    public virtual void OnTrainingStart(TrainingState state) => Parameters = [.. state.Groups.SelectMany(group => group.Parameters)];

    public virtual void OnStepEnd(TrainingState state)
    {
    }

    public abstract void OnTrainingEnd(TrainingState state);

    /// <summary>Runs something on the averaged weights; on the weights as they are while there are none.</summary>
    public void Use(Action action)
    {
        PutIn();
        try
        {
            action();
        }
        finally
        {
            TakeOut();
        }
    }

    public abstract void SaveState(StateBag state);

    public abstract void LoadState(StateBag state);

    public abstract void Dispose();

    /// <summary>Gives the model the averaged weights, and keeps its own.</summary>
    protected abstract void PutIn();

    /// <summary>Gives the model its own weights back.</summary>
    protected abstract void TakeOut();
}
