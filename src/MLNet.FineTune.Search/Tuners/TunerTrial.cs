namespace MLNet.FineTune;

/// <summary>A point that a search has tried, and what came of it.</summary>
public sealed class TunerTrial
{
    private TunerTrial(IReadOnlyDictionary<string, object> parameters, TunerTrialState state, IReadOnlyList<double> objectives)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(objectives);
        (Parameters, State, Objectives) = (parameters, state, objectives);
    }

    /// <summary>The point, as <see cref="TunerSession.Propose"/> gave it or of the user's own choice.</summary>
    public IReadOnlyDictionary<string, object> Parameters { get; }

    /// <summary>How far it is.</summary>
    public TunerTrialState State { get; }

    /// <summary>
    /// What was measured, all to be minimised: all objectives where <see cref="State"/> is <see cref="TunerTrialState.Completed"/>; where it is <see cref="TunerTrialState.Pruned"/> the
    /// first one as far as it came, and of the others those that are known, not numbers in place of the rest; else none.
    /// </summary>
    public IReadOnlyList<double> Objectives { get; }

    /// <summary>A trial that came to its end.</summary>
    /// <param name="parameters">The point.</param>
    /// <param name="objectives">What was measured: finite numbers, all to be minimised, the same ones in every trial. Negate what is to be high.</param>
    public static TunerTrial Completed(IReadOnlyDictionary<string, object> parameters, params IReadOnlyList<double> objectives) => new(parameters, TunerTrialState.Completed, objectives);

    /// <summary>A trial that broke off.</summary>
    public static TunerTrial Failed(IReadOnlyDictionary<string, object> parameters) => new(parameters, TunerTrialState.Failed, []);

    /// <summary>A trial that was stopped early, because its first objective promised too little. Unlike a failed one it says nothing against the others.</summary>
    /// <param name="parameters">The point.</param>
    /// <param name="objectives">
    /// To be minimised: the first objective when it was stopped, or what it would have come to, a finite number; then the others, not numbers where they are not known. What is left out is not known.
    /// </param>
    public static TunerTrial Pruned(IReadOnlyDictionary<string, object> parameters, params IReadOnlyList<double> objectives) => new(parameters, TunerTrialState.Pruned, objectives);

    /// <summary>A trial that another process, or an earlier one, has begun.</summary>
    public static TunerTrial Running(IReadOnlyDictionary<string, object> parameters) => new(parameters, TunerTrialState.Running, []);
}
