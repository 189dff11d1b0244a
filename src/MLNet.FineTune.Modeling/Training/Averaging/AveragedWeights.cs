namespace MLNet.FineTune.Training;

/// <summary>Averages the weights of a run, and gives the mean to whoever measures it and to the model at the end.</summary>
/// <param name="options">What counts how much.</param>
/// <param name="settled">Whether the weights may be the result of the training; until then none are averaged.</param>
internal sealed class AveragedWeights(WeightAveraging options, Func<bool> settled) : ITrainingCallback, IDisposable
{
    private readonly RunningAverage _mean = new();
    private IReadOnlyList<NamedParameter> _parameters = [];

    public void OnTrainingStart(TrainingState state) => _parameters = [.. state.Groups.SelectMany(group => group.Parameters)];

    public void OnStepEnd(TrainingState state)
    {
        if (!settled())
            _mean.Restart();
        else if (options.Includes(state))
            _mean.Add(_parameters, _mean.Count == 0 ? 1 : options.Share(_mean.Count));
    }

    public void OnTrainingEnd(TrainingState state) => _mean.CopyTo(_parameters);

    /// <summary>Runs something on the mean; on the weights as they are while there is none.</summary>
    public void Use(Action action)
    {
        _mean.Exchange(_parameters);
        try
        {
            action();
        }
        finally
        {
            _mean.Exchange(_parameters);
        }
    }

    public void SaveState(StateBag state) => _mean.Save(state);

    public void LoadState(StateBag state) => _mean.Load(state, _parameters);

    public void Dispose() => _mean.Dispose();
}
