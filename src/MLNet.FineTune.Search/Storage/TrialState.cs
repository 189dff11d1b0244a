namespace MLNet.FineTune;

/// <summary>What became of a trial so far.</summary>
public enum TrialState
{
    /// <summary>Nobody works on it yet, or it was given back to be done again.</summary>
    Waiting,

    /// <summary>A worker holds its lease.</summary>
    Running,

    /// <summary>It has a value for each objective.</summary>
    Completed,

    /// <summary>It ended with an error, or its worker vanished too often.</summary>
    Failed,

    /// <summary>It was ended early because others did better.</summary>
    Pruned,
}
