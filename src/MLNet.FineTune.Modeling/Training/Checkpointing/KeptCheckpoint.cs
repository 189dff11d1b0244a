namespace MLNet.FineTune.Training;

/// <summary>A checkpoint that outlives the training, for runs whose result has yet to be written: until then it is all that is left of the work.</summary>
internal sealed class KeptCheckpoint(ICheckpointStore store) : ICheckpointStore
{
    public string Location => store.Location;

    public void Save(StateBag contents) => store.Save(contents);

    public StateBag? Load() => store.Load();

    /// <summary>Leaves the checkpoint to whoever writes the result.</summary>
    public void Delete()
    {
    }
}
