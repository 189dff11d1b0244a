using MathNet.Numerics.Statistics;

namespace MLNet.FineTune.Search;

/// <summary>
/// How much of an objective's variance each parameter explains alone: its main effect, as in functional analysis of
/// variance (Hutter et al. 2014), estimated from the trials themselves. The objective is taken by rank, so that no
/// outlier decides; numbers are cut into bins of equally many trials; ε² (Kelley 1935) takes off what bins explain by
/// chance. What parameters do only together belongs to none, so the shares need not add up to 1.
/// </summary>
internal static class ParameterImportance
{
    private const int MaxBins = 8;
    private const int TrialsPerBin = 5;

    /// <param name="trials">Completed trials.</param>
    /// <param name="parameters">The names of the parameters.</param>
    /// <param name="objective">The objective's index.</param>
    /// <returns>Names and shares, 0 to 1, the largest first.</returns>
    public static IReadOnlyList<(string Name, double Share)> Of(IReadOnlyList<TrialRecord> trials, IReadOnlyList<string> parameters, int objective)
    {
        double[] ranks = [.. trials.Select(trial => trial.Values[objective])];
        ranks = ranks.Ranks(RankDefinition.Average);
        return [.. parameters
            .Select(name => (Name: name, Share: Share(ranks, Bins([.. trials.Select(trial => trial.Parameters.GetValueOrDefault(name))]))))
            .OrderByDescending(parameter => parameter.Share).ThenBy(parameter => parameter.Name, StringComparer.Ordinal)];
    }

    /// <summary>ε²: the variance between the bins, less what chance would give, in proportion to all.</summary>
    private static double Share(double[] values, int[] bins)
    {
        if (values.Length == 0)
            return 0;
        double mean = values.Mean(), total = values.Sum(value => (value - mean) * (value - mean));
        double[][] groups = [.. values.Zip(bins).GroupBy(pair => pair.Second, pair => pair.First).Select(group => group.ToArray())];
        int spare = values.Length - groups.Length;
        if (total == 0 || spare <= 0)
            return 0;
        double between = groups.Sum(group => group.Length * (group.Mean() - mean) * (group.Mean() - mean));
        double chance = (groups.Length - 1) * (total - between) / spare;
        return Math.Clamp((between - chance) / total, 0, 1);
    }

    /// <summary>A bin for each trial: its own for each text or few different numbers, else by rank; equal values share one.</summary>
    private static int[] Bins(object?[] values)
    {
        double[] present = [.. values.Where(value => value is double or long).Select(ToDouble)];
        int count = Math.Clamp(present.Length / TrialsPerBin, 2, MaxBins);
        if (present.Distinct().Count() > count)
        {
            double[] ranks = present.Ranks(RankDefinition.Average);
            var binOf = new Dictionary<double, int>();
            for (int i = 0; i < present.Length; i++)
                binOf[present[i]] = (int)((ranks[i] - 0.5) / present.Length * count);
            values = [.. values.Select(value => value is double or long ? binOf[ToDouble(value)] : value)];
        }
        Dictionary<(Type?, string), int> index = [];
        return [.. values.Select(value => Index(value is null ? (null, "") : (value.GetType(), Markup.Value(value))))];

        int Index((Type?, string) key) => index.TryGetValue(key, out int bin) ? bin : index[key] = index.Count;
    }

    private static double ToDouble(object? value) => Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
}
