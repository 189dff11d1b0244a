namespace MLNet.FineTune.Search;

/// <summary>A tuner as what decides over trials: it is told all that came before anew each time, so that any process proposes what any other would.</summary>
internal sealed class TunerSuggester(Tuner tuner, ParameterSpace space, IReadOnlyList<SearchObjective> objectives) : ITrialSuggester
{
    public IReadOnlyDictionary<string, object>? Propose(IReadOnlyList<TrialRecord> past, int number, int seed)
    {
        TunerSession session = tuner.Start(space, seed);
        session.Tell(past.Select(Told));
        return session.Propose() is [var point] ? point : null;
    }

    private TunerTrial Told(TrialRecord trial) => trial.State switch
    {
        TrialState.Completed => TunerTrial.Completed(trial.Parameters, [.. objectives.Zip(trial.Values, (objective, value) => objective.Cost(value))]),
        TrialState.Failed or TrialState.Pruned => TunerTrial.Failed(trial.Parameters),
        _ => TunerTrial.Running(trial.Parameters),
    };
}
