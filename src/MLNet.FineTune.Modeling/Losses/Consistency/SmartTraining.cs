using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Draws predictions to those at the worst word embeddings nearby, and to those of a running mean of the weights.</summary>
internal sealed class SmartTraining : ConsistencyTraining
{
    private readonly Smart _options;
    private readonly Site _site;
    private readonly Action<Action> _evaluate;
    private readonly WordPerturbation _words;
    private readonly RunningAverage _point = new();
    private IReadOnlyList<NamedParameter> _parameters = [];

    /// <param name="options">The options.</param>
    /// <param name="site">Where word embeddings can be changed.</param>
    /// <param name="evaluate">Runs something in evaluation mode and returns to training.</param>
    public SmartTraining(Smart options, Site site, Action<Action> evaluate)
    {
        (_options, _site, _evaluate) = (options, site, evaluate);
        _words = new WordPerturbation(options.NoiseDeviation, options.Epsilon);
        _site.Place(_words);
    }

    public override bool ChangesWords => true;

    private bool HasPoint => _options.ProximalWeight > 0;

    public override Tensor Loss(LabelObjective objective, int[] rows)
    {
        // First, because it moves the weights for a moment, which no graph may see.
        Tensor? anchor = HasPoint ? AtPoint(objective, rows) : null;
        Tensor scores = objective.Logits(rows);
        Tensor loss = objective.Supervised(scores, rows).Add(objective.Divergence(scores, Worst(objective, scores.detach(), rows), rows), _options.Weight);
        return anchor is null ? loss : loss.Add(objective.Divergence(scores, anchor, rows), _options.ProximalWeight);
    }

    public override void OnTrainingStart(TrainingState state)
    {
        _parameters = [.. state.Groups.SelectMany(group => group.Parameters)];
        if (HasPoint)
            _point.Add(_parameters, share: 1);
    }

    public override void OnStepEnd(TrainingState state)
    {
        if (HasPoint)
            _point.Add(_parameters, 1 - (state.Step <= 0.1 * state.TotalSteps ? Math.Min(0.99, _options.ProximalMomentum) : _options.ProximalMomentum));
    }

    public override void OnRestart(TrainingState state, IReadOnlySet<string> names) => _point.Restart(_parameters.Where(parameter => names.Contains(parameter.Name)));

    public override void SaveState(StateBag state)
    {
        if (HasPoint)
            _point.Save(state);
    }

    public override void LoadState(StateBag state)
    {
        if (HasPoint)
            _point.Load(state, _parameters);
    }

    public override void Dispose()
    {
        _site.Remove(_words);
        _words.Dispose();
        _point.Dispose();
        base.Dispose();
    }

    /// <summary>The scores at the word embeddings nearby where they differ most.</summary>
    private Tensor Worst(LabelObjective objective, Tensor scores, int[] rows)
    {
        (_words.Active, _words.Change) = (true, null);
        try
        {
            for (int step = 0; step < _options.AscentSteps; step++)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor divergence = objective.Divergence(objective.Logits(rows), scores, rows);
                Tensor gradient = autograd.grad([divergence], [_words.Change!])[0];
                _words.Change = scope.MoveToOuter(_words.Moved(gradient, _options.StepSize).requires_grad_());
            }
            _words.Change = _words.Change?.detach();
            return objective.Logits(rows);
        }
        finally
        {
            (_words.Active, _words.Change) = (false, null);
        }
    }

    private Tensor AtPoint(LabelObjective objective, int[] rows)
    {
        Tensor? scores = null;
        using IDisposable frozen = no_grad();
        _point.Exchange(_parameters);
        try
        {
            _evaluate(() => scores = objective.Logits(rows));
        }
        finally
        {
            _point.Exchange(_parameters);
        }
        return scores!;
    }
}
