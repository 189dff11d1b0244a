using MLNet.FineTune.Training;

namespace MLNet.FineTune.Search;

/// <summary>What a search knows: the trials in the order in which they were told.</summary>
internal sealed class TunerHistory
{
    private readonly List<Observation> _trials = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <param name="space">What may vary.</param>
    /// <param name="seed">Decides everything random.</param>
    /// <param name="suggestions">Points to try first.</param>
    public TunerHistory(ParameterSpace space, int seed, IReadOnlyList<double[]> suggestions) => (Space, Seed, Suggestions) = (space, seed, suggestions);

    public ParameterSpace Space { get; }

    public int Seed { get; }

    /// <summary>Points that earlier searches found good, the best first.</summary>
    public IReadOnlyList<double[]> Suggestions { get; }

    /// <summary>How many trials there are, running, failed and pruned ones included.</summary>
    public int Count => _trials.Count;

    public IEnumerable<Observation> Trials => _trials;

    public IEnumerable<Observation> Completed => _trials.Where(trial => trial.State == TunerTrialState.Completed);

    public IEnumerable<Observation> Failed => _trials.Where(trial => trial.State == TunerTrialState.Failed);

    public IEnumerable<Observation> Pruned => _trials.Where(trial => trial.State == TunerTrialState.Pruned);

    public IEnumerable<Observation> Running => _trials.Where(trial => trial.State == TunerTrialState.Running);

    /// <summary>Random numbers that depend on the seed and how many trials there are.</summary>
    public Random Random() => SeededRandom.Create(Seed, Count);

    public bool Knows(double[] units) => _known.Contains(Space.Key(units));

    /// <summary>Adds a trial, or completes the running one of the same point.</summary>
    public void Add(Observation trial)
    {
        string key = Space.Key(trial.Units);
        int running = _known.Add(key) ? -1 : _trials.FindIndex(other => other.State == TunerTrialState.Running && Space.Key(other.Units) == key);
        if (running >= 0)
            _trials[running] = trial;
        else
            _trials.Add(trial);
    }

    /// <summary>A point that is new, from a way to draw points; a random one where that draws known ones only; null where the space seems used up.</summary>
    public double[]? FirstNew(Func<double[]> draw, Random random, int draws = 100)
    {
        for (int i = 0; i < draws; i++)
        {
            double[] units = Space.Snap(draw());
            if (!Knows(units) && Space.Allows(units))
                return units;
        }
        return NewAtRandom(random);
    }

    /// <summary>A random point that is new; null where there is none.</summary>
    public double[]? NewAtRandom(Random random)
    {
        const int draws = 1000;
        for (int i = 0; i < draws; i++)
        {
            double[] units = Space.SampleUnits(random);
            if (!Knows(units))
                return units;
        }
        // So often only where little is left: look through all points, where they can be.
        return Space.PointCount <= 1e6 ? Space.GridUnits(int.MaxValue).FirstOrDefault(units => !Knows(units)) : null;
    }
}
