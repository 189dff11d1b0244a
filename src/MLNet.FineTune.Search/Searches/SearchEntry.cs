using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>Something that a search has tried, with what was measured of it.</summary>
public abstract class SearchEntry
{
    private readonly SearchObjective _first;

    private protected SearchEntry(TrialRecord trial, SearchObjective first) => (Trial, _first) = (trial, first);

    /// <summary>The trial as the storage has it.</summary>
    public TrialRecord Trial { get; }

    /// <summary>With <see cref="SearchOptions.Folds"/> the standard error of the first objective's mean over them: the standard deviation of the parts' values over the root of their number; null otherwise.</summary>
    public double? StandardError => Trial.Attributes.GetValueOrDefault(FoldedTrial.StandardErrorOf(_first)) as double?;
}
