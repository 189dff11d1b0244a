namespace MLNet.FineTune.WeakSupervision;

/// <summary>The votes of labelling functions on many examples, each distinct row of votes kept once: what label models cost then depends on the functions, not on the number of examples.</summary>
internal sealed class VoteMatrix
{
    /// <summary>The vote of a function that abstains; others are classes from zero.</summary>
    public const int Abstain = -1;

    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly List<int[]> _patterns = [];
    private readonly List<double> _counts = [];
    private readonly List<int> _rows = [];

    public VoteMatrix(IReadOnlyList<string> functionNames, int classCount) => (FunctionNames, ClassCount) = (functionNames, classCount);

    public IReadOnlyList<string> FunctionNames { get; }

    public int FunctionCount => FunctionNames.Count;

    public int ClassCount { get; }

    /// <summary>The distinct rows, each as long as there are functions.</summary>
    public IReadOnlyList<int[]> Patterns => _patterns;

    /// <summary>How many examples have each of <see cref="Patterns"/>.</summary>
    public IReadOnlyList<double> Counts => _counts;

    /// <summary>For each example, the place of its votes in <see cref="Patterns"/>.</summary>
    public IReadOnlyList<int> Rows => _rows;

    /// <param name="votes">As many as there are functions; checked by the caller.</param>
    public void Add(ReadOnlySpan<int> votes)
    {
        Span<char> characters = votes.Length <= 256 ? stackalloc char[votes.Length] : new char[votes.Length];
        for (int i = 0; i < votes.Length; i++)
            characters[i] = (char)(votes[i] + 1);
        var index = _index.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!index.TryGetValue(characters, out int pattern))
        {
            pattern = _patterns.Count;
            index[characters] = pattern;
            _patterns.Add(votes.ToArray());
            _counts.Add(0);
        }
        _counts[pattern]++;
        _rows.Add(pattern);
    }

    /// <summary>The share of the votes of a row that each class has.</summary>
    /// <returns>False, and nothing written, where all abstain.</returns>
    public static bool TryGetShares(ReadOnlySpan<int> votes, Span<double> shares)
    {
        int cast = votes.Length - votes.Count(Abstain);
        if (cast == 0)
            return false;
        shares.Clear();
        foreach (int vote in votes)
            if (vote != Abstain)
                shares[vote] += 1.0 / cast;
        return true;
    }
}
