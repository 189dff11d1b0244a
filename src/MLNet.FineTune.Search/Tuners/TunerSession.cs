using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>
/// A search by asking and telling: <see cref="Propose"/> names points, the caller tries them and reports with <see cref="Tell"/>, in any order and
/// at any time. What is proposed depends on the seed and the trials told so far alone: a new session that is told the same trials goes on the same way.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class TunerSession
{
    private readonly ParameterSpace _space;
    private readonly ITunerStrategy _strategy;
    private readonly TunerHistory _history;
    private int? _objectives;

    internal TunerSession(ParameterSpace space, ITunerStrategy strategy, int seed, IEnumerable<TunerTrial> earlier)
    {
        (_space, _strategy) = (space, strategy);
        _history = new TunerHistory(space, seed, Suggestions(space, earlier));
    }

    /// <summary>Points to try next. They count as running until they are told.</summary>
    /// <param name="count">How many.</param>
    /// <returns>Points not tried before; fewer than asked for, or none, where the space or grid is used up.</returns>
    public IReadOnlyList<IReadOnlyDictionary<string, object>> Propose(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var points = new List<IReadOnlyDictionary<string, object>>();
        while (points.Count < count && _strategy.Next(_history) is { } units)
        {
            _history.Add(new Observation(units, TunerTrialState.Running, []));
            points.Add(_space.ToParameters(units));
        }
        return points;
    }

    /// <summary>Reports trials: proposed ones, those of the same search stored before, or others of the user's choice.</summary>
    /// <exception cref="ArgumentException">A point is none of the space's, or objectives are missing, not finite or of another number than before. Nothing is taken over then.</exception>
    public void Tell(params IEnumerable<TunerTrial> trials)
    {
        ArgumentNullException.ThrowIfNull(trials);
        int? objectives = _objectives;
        Observation[] told = [.. trials.Select(trial => Checked(trial, ref objectives))];
        _objectives = objectives;
        foreach (Observation trial in told)
            _history.Add(trial);
    }

    /// <summary>The completed trials that no other is better than, or equal in all and better in one objective.</summary>
    public IReadOnlyList<TunerTrial> Front
    {
        get
        {
            Observation[] completed = [.. _history.Completed];
            return [.. Dominance.Front([.. completed.Select(trial => trial.Objectives)])
                .Select(i => TunerTrial.Completed(_space.ToParameters(completed[i].Units), completed[i].Objectives))];
        }
    }

    private Observation Checked(TunerTrial trial, ref int? objectives)
    {
        double[] units = _space.ToUnits(trial.Parameters);
        double[] values = [.. trial.Objectives];
        if (trial.State == TunerTrialState.Pruned && !(values is [var value, ..] && double.IsFinite(value)))
            throw new ArgumentException(FormattableString.Invariant($"The objectives of a pruned trial are [{string.Join(", ", values)}]; expected one at least, the first a finite number. Report trials without as failed."), nameof(trial));
        if (trial.State != TunerTrialState.Completed)
            return new Observation(units, trial.State, values);
        if (values.Length == 0 || !Array.TrueForAll(values, double.IsFinite))
            throw new ArgumentException(FormattableString.Invariant($"The objectives of a trial are [{string.Join(", ", values)}]; expected one at least, all finite. Report trials without as failed."), nameof(trial));
        if (values.Length != (objectives ??= values.Length))
            throw new ArgumentException($"A trial has {values.Length} objectives; expected {objectives}, as those before.", nameof(trial));
        return new Observation(units, TunerTrialState.Completed, values);
    }

    /// <summary>The points of the earlier trials' front that are in the space, the ones that stand alone on it first.</summary>
    private static double[][] Suggestions(ParameterSpace space, IEnumerable<TunerTrial> earlier)
    {
        (double[] Units, double[] Objectives)[] known = [.. earlier
            .Where(trial => trial.State == TunerTrialState.Completed && trial.Objectives.Count > 0)
            .Select(trial => (space.TryUnits(trial.Parameters, out _)!, trial.Objectives.ToArray()))
            .Where(trial => trial.Item1 is not null && space.Allows(trial.Item1))];
        if (known.Select(trial => trial.Objectives.Length).Distinct().Count() > 1)
            throw new ArgumentException("Earlier trials have different numbers of objectives; expected those of one search, or of searches alike.", nameof(earlier));
        int[] front = Dominance.Front([.. known.Select(trial => trial.Objectives)]);
        return [.. NondominatedSorting.Best([.. front.Select(i => known[i].Objectives)], front.Length).Select(i => known[front[i]].Units)];
    }
}
