namespace MLNet.FineTune.Search;

/// <summary>Why a run of a search ended.</summary>
internal enum SearchEnd
{
    /// <summary>As many trials were started as may be, and all are finished.</summary>
    TrialsSpent,

    /// <summary>The suggester had nothing more to try, and all trials are finished.</summary>
    Exhausted,

    /// <summary>The time was over.</summary>
    TimeSpent,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>Somebody asked all workers of the study to stop.</summary>
    Stopped,
}
