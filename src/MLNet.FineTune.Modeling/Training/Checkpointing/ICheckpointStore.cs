namespace MLNet.FineTune.Training;

/// <summary>Keeps the latest checkpoint of a training run.</summary>
internal interface ICheckpointStore
{
    /// <summary>Where the checkpoint lies, for messages.</summary>
    string Location { get; }

    /// <summary>Replaces the checkpoint; whoever is interrupted leaves the old one or the new one, whole.</summary>
    void Save(StateBag contents);

    /// <summary>The checkpoint, its tensors in the current dispose scope; null when there is none.</summary>
    /// <exception cref="InvalidDataException">It is corrupt.</exception>
    StateBag? Load();

    /// <summary>Removes the checkpoint, if there is one.</summary>
    void Delete();
}
