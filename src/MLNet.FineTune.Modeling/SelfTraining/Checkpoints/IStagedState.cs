using MLNet.FineTune.Training;

namespace MLNet.FineTune.SelfTraining;

/// <summary>What the stages of a run change.</summary>
internal interface IStagedState
{
    /// <summary>Puts the trained weights into a bag.</summary>
    void SaveModel(StateBag model);

    /// <summary>Puts all else into a bag.</summary>
    void SaveState(StateBag state);

    /// <summary>Restores both; copies the tensors it keeps.</summary>
    /// <param name="state">As <see cref="SaveState"/> filled it.</param>
    /// <param name="model">As <see cref="SaveModel"/> filled it; null where no stage had changed the model.</param>
    void LoadState(StateBag state, StateBag? model);
}
