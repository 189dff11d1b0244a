namespace MLNet.FineTune.WeakSupervision;

/// <summary>Functions that dependencies link, directly or through others, into groups. A group's votes are summed over together, so that groups are bounded.</summary>
internal sealed class FunctionGroups
{
    /// <summary>Most combinations of votes that a group may cast.</summary>
    public const int MaximumOutcomes = 1 << 16;

    private readonly List<(int First, int Second)> _pairs = [];

    /// <param name="votes">The votes, in which the functions have cast all that they can.</param>
    public FunctionGroups(VoteMatrix votes)
    {
        Outcomes = [.. Enumerable.Range(0, votes.FunctionCount).Select(function => votes.Patterns.Select(pattern => pattern[function]).Append(VoteMatrix.Abstain).Distinct().Order().ToArray())];
        Groups = [.. Enumerable.Range(0, votes.FunctionCount).Select(function => new[] { function })];
    }

    /// <summary>By function, what it can do, ascending: abstain, and vote for the classes that it ever votes for.</summary>
    public int[][] Outcomes { get; }

    /// <summary>The linked pairs, the smaller function first.</summary>
    public IReadOnlyList<(int First, int Second)> Pairs => _pairs;

    /// <summary>The groups, of one function each where nothing is linked.</summary>
    public IReadOnlyList<int[]> Groups { get; private set; }

    /// <summary>Links two functions.</summary>
    /// <returns>False, and nothing linked, where the group would be too large.</returns>
    public bool TryAdd(int first, int second)
    {
        (int First, int Second) pair = (Math.Min(first, second), Math.Max(first, second));
        if (_pairs.Contains(pair))
            return true;
        int[] one = Groups.First(group => group.Contains(first)), other = Groups.First(group => group.Contains(second));
        if (one != other)
        {
            int[] both = [.. one, .. other];
            if (both.Aggregate(1.0, (product, function) => product * Outcomes[function].Length) > MaximumOutcomes)
                return false;
            Groups = [.. Groups.Where(group => group != one && group != other), both];
        }
        _pairs.Add(pair);
        return true;
    }
}
