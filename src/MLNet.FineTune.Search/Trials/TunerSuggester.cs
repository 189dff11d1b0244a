namespace MLNet.FineTune.Search;

/// <summary>A tuner as what decides over trials: it is told all that came before anew each time, so that any process proposes what any other would.</summary>
/// <param name="tuner">The tuner.</param>
/// <param name="space">What may vary.</param>
/// <param name="objectives">What the trials measure.</param>
/// <param name="firstPoints">Points to try before the tuner is asked.</param>
internal sealed class TunerSuggester(Tuner tuner, ParameterSpace space, IReadOnlyList<SearchObjective> objectives, IReadOnlyList<IReadOnlyDictionary<string, object>> firstPoints) : ITrialSuggester
{
    public IReadOnlyDictionary<string, object>? Propose(IReadOnlyList<TrialRecord> past, int number, int seed)
    {
        if (number < firstPoints.Count && !past.Any(trial => ParameterJson.Write(trial.Parameters) == ParameterJson.Write(firstPoints[number])))
            return firstPoints[number];
        TunerSession session = tuner.Start(space, seed);
        var outlook = new PrunedOutlook(past, objectives);
        session.Tell(past.Select(trial => Told(trial, outlook)));
        return session.Propose() is [var point] ? point : null;
    }

    private TunerTrial Told(TrialRecord trial, PrunedOutlook outlook) => trial.State switch
    {
        // Beyond a limit is as bad as not to be had.
        TrialState.Completed when !TrialFront.IsTaken(trial, objectives) => TunerTrial.Failed(trial.Parameters),
        TrialState.Completed => TunerTrial.Completed(trial.Parameters, [.. objectives.Zip(trial.Values, (objective, value) => objective.Cost(value))]),
        TrialState.Pruned when outlook.Costs(trial) is { } costs => TunerTrial.Pruned(trial.Parameters, costs),
        TrialState.Pruned or TrialState.Failed => TunerTrial.Failed(trial.Parameters),
        _ => TunerTrial.Running(trial.Parameters),
    };
}
