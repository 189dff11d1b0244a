using System.Globalization;

namespace MLNet.FineTune.Search;

/// <summary>The first steps of a trial where it is trained on a few rows before it is on all of them.</summary>
internal static class DataRungs
{
    /// <summary>Measures a trial on each share, the smallest first, and lets the pruner decide after each.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="shares">Ascending.</param>
    /// <param name="measure">The first objective after training on a share of the rows.</param>
    /// <exception cref="TrialPrunedException">The trial is not worth its end.</exception>
    public static void Climb(TrialContext trial, IReadOnlyList<double> shares, Func<double, double> measure)
    {
        foreach (double share in shares)
        {
            trial.Report(Step(share), measure(share));
            trial.ThrowIfPruned();
        }
    }

    /// <summary>The rows of a share, ascending; at least one.</summary>
    /// <param name="order">All rows, as <see cref="NestedSubsets"/> orders them.</param>
    /// <param name="share">The share.</param>
    public static int[] Rows(int[] order, double share) => [.. order.Take(Math.Max(1, (int)Math.Round(share * order.Length))).Order()];

    /// <summary>What a study says of the shares: all who take part must have the same ones. Nothing where there are none.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Settings(IReadOnlyList<double> shares) =>
        shares.Count == 0 ? [] : [new("data shares", string.Join(", ", shares.Select(share => share.ToString(CultureInfo.InvariantCulture))))];

    private static int Step(double share) => (int)Math.Floor(1000 * share);
}
