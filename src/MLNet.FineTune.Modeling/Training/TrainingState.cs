namespace MLNet.FineTune.Training;

/// <summary>Why a run ended.</summary>
internal enum StopReason
{
    /// <summary>All steps were taken.</summary>
    Completed,

    /// <summary>The validation metric stopped improving.</summary>
    EarlyStopping,

    /// <summary>The time allowed was used.</summary>
    Duration,

    /// <summary>A callback asked for it.</summary>
    Callback,
}

/// <summary>Where a training run stands; the loop writes it, callbacks read it.</summary>
internal sealed class TrainingState
{
    /// <summary>The options of the run.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>The trainable parameters.</summary>
    public required IReadOnlyList<ParameterGroup> Groups { get; init; }

    /// <summary>Optimiser steps that the whole run will take, if nothing ends it earlier.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Optimiser steps an epoch.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Optimiser steps taken.</summary>
    public int Step { get; set; }

    /// <summary>The current epoch, from zero.</summary>
    public int Epoch { get; set; }

    /// <summary>Steps taken in the current epoch.</summary>
    public int StepInEpoch { get; set; }

    /// <summary>Rows seen, counted again in each epoch.</summary>
    public long Rows { get; set; }

    /// <summary>The batches of the current step: as many as are accumulated.</summary>
    public int[][] Batches { get; set; } = [];

    /// <summary>The scheduled learning rate of the current step.</summary>
    public double LearningRate { get; set; }

    /// <summary>The mean loss of the last step taken.</summary>
    public double Loss { get; set; }

    /// <summary>The norm of the gradients of the last step taken, before clipping.</summary>
    public double GradientNorm { get; set; }

    /// <summary>The latest validation metric; null before the first evaluation.</summary>
    public double? ValidationMetric { get; set; }

    /// <summary>The time that training has taken, interruptions not counted.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Lets the optimiser begin anew with the parameters of these names.</summary>
    public Action<IReadOnlySet<string>> ForgetMoments { get; init; } = _ => { };

    /// <summary>Why the run shall end before its last step; null while it goes on.</summary>
    public StopReason? Stop { get; private set; }

    /// <summary>No further step will be taken.</summary>
    public bool Finished => Stop is not null || Step >= TotalSteps;

    /// <summary>Ends the run after the current step; the first reason given stands.</summary>
    public void RequestStop(StopReason reason) => Stop ??= reason;
}
