namespace MLNet.FineTune.Training;

/// <summary>Averages the weights that a run goes through.</summary>
/// <param name="includes">Whether the weights after the step just taken go into the mean.</param>
/// <param name="share">The share of the next weights in the mean, given how many are in it, 1 or more.</param>
/// <param name="settled">Whether the weights may be the result of the training; until then none are averaged.</param>
internal sealed class RunningWeights(Func<TrainingState, bool> includes, Func<int, double> share, Func<bool> settled) : AveragedWeights
{
    private readonly RunningAverage _mean = new();

    public override void OnStepEnd(TrainingState state)
    {
        if (!settled())
            _mean.Restart();
        else if (includes(state))
            _mean.Add(Parameters, _mean.Count == 0 ? 1 : share(_mean.Count));
    }

    public override void OnTrainingEnd(TrainingState state) => _mean.CopyTo(Parameters);

    public override void SaveState(StateBag state) => _mean.Save(state);

    public override void LoadState(StateBag state) => _mean.Load(state, Parameters);

    public override void Dispose() => _mean.Dispose();

    protected override void PutIn() => _mean.Exchange(Parameters);

    protected override void TakeOut() => _mean.Exchange(Parameters);
}
