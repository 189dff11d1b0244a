namespace MLNet.FineTune.Search;

/// <summary>How the evaluation of a trial ended.</summary>
internal sealed record TrialOutcome
{
    private TrialOutcome(TrialState state) => State = state;

    /// <summary>Completed, failed or pruned.</summary>
    public TrialState State { get; }

    /// <summary>The value of each objective, in the study's order; empty unless completed.</summary>
    public IReadOnlyList<double> Values { get; private init; } = [];

    /// <summary>What went wrong; null unless failed.</summary>
    public string? Error { get; private init; }

    /// <summary>It was ended early, as <see cref="TrialContext.ShouldPrune"/> advised.</summary>
    public static TrialOutcome Pruned { get; } = new(TrialState.Pruned);

    /// <param name="values">The value of each objective, in the study's order; one that is not finite makes the trial a failed one.</param>
    public static TrialOutcome Completed(params double[] values) => new(TrialState.Completed) { Values = values };

    /// <param name="error">What went wrong, for the people who read the list of trials.</param>
    public static TrialOutcome Failed(string error) => new(TrialState.Failed) { Error = error };

    /// <summary>The outcome itself, or a failed one where its values are not one finite number per objective.</summary>
    public TrialOutcome Checked(IReadOnlyList<SearchObjective> objectives)
    {
        if (State != TrialState.Completed)
            return this;
        if (Values.Count != objectives.Count)
            return Failed($"The evaluation gave {Values.Count} values; expected {objectives.Count}, for {string.Join(", ", objectives.Select(objective => objective.Name))}.");
        for (int i = 0; i < Values.Count; i++)
            if (!double.IsFinite(Values[i]))
                return Failed(FormattableString.Invariant($"Objective '{objectives[i].Name}' is {Values[i]}; expected a finite number."));
        return this;
    }
}
