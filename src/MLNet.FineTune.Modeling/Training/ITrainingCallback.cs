namespace MLNet.FineTune.Training;

/// <summary>A part of a training run that acts at fixed points of the loop; all hooks are optional.</summary>
internal interface ITrainingCallback
{
    /// <summary>Under this name the state lies in checkpoints; unique among the parts of a run.</summary>
    string Name => GetType().Name;

    /// <summary>Whether the weights, as they are now, may be the result of the training; validation keeps none before.</summary>
    bool Settled => true;

    /// <summary>Before the first step, and before a checkpoint is restored.</summary>
    void OnTrainingStart(TrainingState state) { }

    /// <summary>Before the forward pass of a step; rows and learning rate are set.</summary>
    void OnStepStart(TrainingState state) { }

    /// <summary>Gradients are complete and not yet clipped; a change to them is what the optimiser sees. Loss and norm are not read yet.</summary>
    void OnGradients(TrainingState state) { }

    /// <summary>Parameters have moved; the clipped gradients are still present.</summary>
    void OnStepEnd(TrainingState state) { }

    /// <summary>All batches of an epoch were seen.</summary>
    void OnEpochEnd(TrainingState state) { }

    /// <summary>A method let the parameters of these names begin anew, with other values.</summary>
    void OnRestart(TrainingState state, IReadOnlySet<string> names) { }

    /// <summary>After the last step of a run that was neither cancelled nor failed.</summary>
    void OnTrainingEnd(TrainingState state) { }

    /// <summary>Puts into the bag what <see cref="LoadState"/> needs to go on exactly.</summary>
    void SaveState(StateBag state) { }

    /// <summary>Restores what <see cref="SaveState"/> put into the bag; copies the tensors it keeps.</summary>
    void LoadState(StateBag state) { }
}
