namespace MLNet.FineTune.Search;

/// <summary>Chooses the next point; a function of the history alone, so that a search goes on from its stored trials as if it had never stopped.</summary>
internal interface ITunerStrategy
{
    /// <summary>A point not tried yet; null where there is none.</summary>
    double[]? Next(TunerHistory history);
}
