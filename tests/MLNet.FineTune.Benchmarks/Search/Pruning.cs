namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>A way to end hopeless trials, by the name it has on the command line.</summary>
/// <param name="Pruner">What ends them; null for nothing.</param>
/// <param name="DataShares">Shares of the rows that trials learn first.</param>
internal sealed record Pruning(IPruner? Pruner, IReadOnlyList<double> DataShares)
{
    private static readonly Dictionary<string, Pruning> Known = new()
    {
        ["none"] = new(null, []),
        ["halving"] = new(new SuccessiveHalvingPruner(), []),
        ["halving-data"] = new(new SuccessiveHalvingPruner(), [1.0 / 9, 1.0 / 3]),
        ["halving-accuracy"] = new(new SuccessiveHalvingPruner { MultiObjective = false }, []),
        ["halving-data-accuracy"] = new(new SuccessiveHalvingPruner { MultiObjective = false }, [1.0 / 9, 1.0 / 3]),
        ["median"] = new(new MedianPruner(), []),
    };

    public static IReadOnlyCollection<string> Names => Known.Keys;

    public static Pruning Of(string name) => Known[name];

    /// <summary>Sets what it is in options of a search.</summary>
    public void Apply(SearchOptions options) => (options.Pruner, options.DataShares) = (Pruner, DataShares);
}
