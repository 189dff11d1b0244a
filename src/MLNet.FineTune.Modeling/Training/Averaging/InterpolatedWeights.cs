namespace MLNet.FineTune.Training;

/// <summary>Goes part of the way from the weights before a run to those that it has.</summary>
/// <param name="share">How far, above 0, up to 1.</param>
/// <param name="settled">Whether the weights may be the result of the training. Where they may not at the start, parts of the model are yet to change, there is nothing between, and the run goes all the way.</param>
internal sealed class InterpolatedWeights(double share, Func<bool> settled) : AveragedWeights
{
    private readonly RunningAverage _start = new();
    private readonly RunningAverage _present = new();

    public override void OnTrainingStart(TrainingState state)
    {
        base.OnTrainingStart(state);
        if (settled())
            _start.Add(Parameters, 1);
    }

    public override void OnTrainingEnd(TrainingState state) => _start.BlendInto(Parameters, 1 - share);

    public override void SaveState(StateBag state) => _start.Save(state);

    public override void LoadState(StateBag state) => _start.Load(state, Parameters);

    public override void Dispose()
    {
        _start.Dispose();
        _present.Dispose();
    }

    protected override void PutIn()
    {
        _present.Restart();
        _present.Add(Parameters, 1);
        _start.BlendInto(Parameters, 1 - share);
    }

    protected override void TakeOut() => _present.CopyTo(Parameters);
}
