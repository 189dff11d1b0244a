namespace MLNet.FineTune.Search;

/// <summary>What changed in a study.</summary>
/// <param name="Version">The version to ask from the next time.</param>
/// <param name="Trials">The trials that changed, as they are now, by number.</param>
internal sealed record TrialChanges(long Version, IReadOnlyList<TrialRecord> Trials);
