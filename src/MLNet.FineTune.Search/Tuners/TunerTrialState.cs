namespace MLNet.FineTune;

/// <summary>How far a trial of a search is.</summary>
public enum TunerTrialState
{
    /// <summary>It was proposed, and its objectives are not known yet.</summary>
    Running,

    /// <summary>Its objectives are known.</summary>
    Completed,

    /// <summary>It ended without objectives.</summary>
    Failed,

    /// <summary>It was stopped early, because it promised too little; its first objective is known as far as it came, and others maybe.</summary>
    Pruned,
}
