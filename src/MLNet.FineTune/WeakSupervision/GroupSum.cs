namespace MLNet.FineTune.WeakSupervision;

/// <summary>The sum of the generative model's weights over all that a group of functions can vote together, for each label; and the expected factors.</summary>
/// <remarks>Labels that the same functions of the group can vote for have the same sum: one of each kind is summed over.</remarks>
internal sealed class GroupSum
{
    private readonly int[] _group;
    private readonly int[][] _outcomes;
    private readonly (int Pair, int First, int Second)[] _pairs;
    private readonly int[] _kindOf;
    private readonly int[] _labels;
    private readonly double[][] _probabilities;
    private readonly double[] _logSums;

    /// <param name="structure">Outcomes of the functions, and linked pairs.</param>
    /// <param name="group">One of its groups.</param>
    /// <param name="classCount">How many classes there are.</param>
    public GroupSum(FunctionGroups structure, int[] group, int classCount)
    {
        _group = group;
        _outcomes = [.. group.Select(function => structure.Outcomes[function])];
        _pairs = [.. structure.Pairs.Select((pair, index) => (index, Array.IndexOf(group, pair.First), Array.IndexOf(group, pair.Second))).Where(pair => pair.Item2 >= 0)];
        var kinds = new Dictionary<string, int>();
        _kindOf = new int[classCount];
        var labels = new List<int>();
        for (int label = 0; label < classCount; label++)
        {
            string kind = string.Concat(_outcomes.Select(outcomes => outcomes.Contains(label) ? '1' : '0'));
            if (kinds.TryAdd(kind, labels.Count))
                labels.Add(label);
            _kindOf[label] = kinds[kind];
        }
        _labels = [.. labels];
        _logSums = new double[_labels.Length];
        _probabilities = [.. _labels.Select(_ => new double[_outcomes.Aggregate(1, (product, outcomes) => product * outcomes.Length)])];
    }

    /// <summary>A function of the group, in whose evidence the group's sum can be counted.</summary>
    public int FirstFunction => _group[0];

    /// <summary>The logarithm of the sum given a label.</summary>
    public double LogSum(int label) => _logSums[_kindOf[label]];

    /// <summary>Sums up with other weights.</summary>
    public void Update(WeightLayout layout, double[] weights)
    {
        for (int kind = 0; kind < _labels.Length; kind++)
        {
            double[] scores = _probabilities[kind];
            Array.Clear(scores);
            var chosen = new int[_group.Length];
            for (int i = 0; i < scores.Length; i++, Advance(chosen))
            {
                for (int member = 0; member < chosen.Length; member++)
                {
                    int vote = _outcomes[member][chosen[member]];
                    scores[i] += (vote == VoteMatrix.Abstain ? 0 : weights[layout.Propensity(_group[member])]) + (vote == _labels[kind] ? weights[WeightLayout.Accuracy(_group[member])] : 0);
                }
                foreach ((int pair, int first, int second) in _pairs)
                    scores[i] += _outcomes[first][chosen[first]] == _outcomes[second][chosen[second]] ? weights[layout.Dependency(pair)] : 0;
            }
            _logSums[kind] = WeakSupervision.LogSum.Normalize(scores);
        }
    }

    /// <summary>Adds the expected value of each factor to a vector in the order of the weights.</summary>
    /// <param name="layout">The order.</param>
    /// <param name="labels">How much the expectation given each label counts.</param>
    /// <param name="expected">Receives the sum.</param>
    public void AddExpected(WeightLayout layout, ReadOnlySpan<double> labels, Span<double> expected)
    {
        for (int kind = 0; kind < _labels.Length; kind++)
        {
            double share = 0;
            for (int label = 0; label < labels.Length; label++)
                share += _kindOf[label] == kind ? labels[label] : 0;
            var chosen = new int[_group.Length];
            foreach (double probability in _probabilities[kind])
            {
                double mass = share * probability;
                for (int member = 0; member < chosen.Length; member++)
                {
                    int vote = _outcomes[member][chosen[member]];
                    if (vote == _labels[kind])
                        expected[WeightLayout.Accuracy(_group[member])] += mass;
                    if (vote != VoteMatrix.Abstain)
                        expected[layout.Propensity(_group[member])] += mass;
                }
                foreach ((int pair, int first, int second) in _pairs)
                    if (_outcomes[first][chosen[first]] == _outcomes[second][chosen[second]])
                        expected[layout.Dependency(pair)] += mass;
                Advance(chosen);
            }
        }
    }

    /// <summary>The next combination of outcomes; after the last one, the first.</summary>
    private void Advance(int[] chosen)
    {
        for (int member = 0; member < chosen.Length && ++chosen[member] == _outcomes[member].Length; member++)
            chosen[member] = 0;
    }
}
