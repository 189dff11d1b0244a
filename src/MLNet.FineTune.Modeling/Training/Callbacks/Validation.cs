using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Training;

/// <summary>Evaluates at the set intervals, keeps the best weights, stops when patience is used up, and restores the best at the end.</summary>
/// <param name="validator">Measures the model.</param>
/// <param name="checkAlive">Called between batches; throws to stop.</param>
/// <param name="settled">Whether the weights may be the result of the training; until then they are measured and not kept.</param>
/// <param name="average">The mean of the weights, which is measured and kept in their place; null to measure them as they are.</param>
internal sealed class Validation(IValidator validator, Action checkAlive, Func<bool> settled, AveragedWeights? average = null) : ITrainingCallback, IDisposable
{
    // In main memory, also when training runs on a GPU.
    private readonly Dictionary<string, Tensor> _best = [];
    private int _withoutImprovement;
    private int _evaluatedAt = -1;

    /// <summary>The best value so far; null before the first evaluation.</summary>
    public double? Best { get; private set; }

    public void OnStepEnd(TrainingState state)
    {
        if (state.Options.EvaluateEverySteps is { } interval && state.Step % interval == 0)
            Evaluate(state);
    }

    public void OnEpochEnd(TrainingState state)
    {
        if (state.Options.EvaluateEverySteps is null)
            Evaluate(state);
    }

    public void OnTrainingEnd(TrainingState state)
    {
        if (_evaluatedAt != state.Step)
            Evaluate(state);
        using IDisposable frozen = no_grad();
        foreach (NamedParameter member in _best.Count == 0 ? [] : Parameters(state))
            member.Parameter.copy_(_best[member.Name]);
    }

    public void SaveState(StateBag state)
    {
        foreach ((string name, Tensor weights) in _best)
            state.Tensors.Add(name, weights);
        state.Values.Add("best", Best?.ToString("R", CultureInfo.InvariantCulture) ?? "");
        state.Values.Add("without_improvement", _withoutImprovement.ToString(CultureInfo.InvariantCulture));
        state.Values.Add("evaluated_at", _evaluatedAt.ToString(CultureInfo.InvariantCulture));
    }

    public void LoadState(StateBag state)
    {
        Dispose();
        foreach ((string name, Tensor weights) in state.Tensors)
            _best.Add(name, weights.clone().DetachFromDisposeScope());
        Best = state.Value("best") is { Length: > 0 } best ? double.Parse(best, CultureInfo.InvariantCulture) : null;
        _withoutImprovement = int.Parse(state.Value("without_improvement"), CultureInfo.InvariantCulture);
        _evaluatedAt = int.Parse(state.Value("evaluated_at"), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        foreach (Tensor weights in _best.Values)
            weights.Dispose();
        _best.Clear();
    }

    private void Evaluate(TrainingState state)
    {
        if (average is null)
            EvaluateNow(state);
        else
            average.Use(() => EvaluateNow(state));
    }

    private void EvaluateNow(TrainingState state)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        double metric = validator.Evaluate(checkAlive);
        state.ValidationMetric = metric;
        _evaluatedAt = state.Step;
        if (!settled())
            return;
        // The first weights are kept whatever their value, so that there is always something to restore.
        if (Best is null || double.IsNaN(Best.Value) || (validator.HigherIsBetter ? metric > Best : metric < Best))
        {
            Best = metric;
            _withoutImprovement = 0;
            Keep(state);
        }
        else if (++_withoutImprovement >= state.Options.EarlyStoppingPatience)
        {
            state.RequestStop(StopReason.EarlyStopping);
        }
    }

    private void Keep(TrainingState state)
    {
        foreach (NamedParameter member in Parameters(state))
            if (_best.TryGetValue(member.Name, out Tensor? kept))
                kept.copy_(member.Parameter);
            else
                _best.Add(member.Name, member.Parameter.detach().to(CPU, copy: true).DetachFromDisposeScope());
    }

    private static IEnumerable<NamedParameter> Parameters(TrainingState state) => state.Groups.SelectMany(group => group.Parameters);
}
