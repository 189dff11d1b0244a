using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using MLNet.FineTune.AutoML;
using AutoMLSpace = Microsoft.ML.SearchSpace.SearchSpace;

namespace MLNet.FineTune;

/// <summary>One of this library's tuners, such as <see cref="BayesianTuner"/>, as a tuner of an AutoML experiment.</summary>
/// <remarks>
/// <para>
/// Ranges, choices and nested spaces are taken with their scales and defaults; all else in AutoML's parameters stays as its spaces give it. In the
/// space of a sweepable pipeline the options of an estimator count only where the pipeline tried has it. The first point is the default,
/// as AutoML expects.
/// </para>
/// <para>
/// A trial whose loss is not finite, or <see cref="double.MaxValue"/>, which AutoML reports for those that failed or were cancelled, counts as failed, and so does a
/// trial that nothing was reported of when the next is asked for: AutoML runs one after the other. Not thread-safe, as AutoML's tuners.
/// </para>
/// </remarks>
public sealed class FineTuneTuner : ITuner
{
    private readonly MappedSpace _space;
    private readonly TunerSession _session;
    private readonly bool _countParameters;
    private readonly Random _random;
    private readonly Dictionary<int, IReadOnlyDictionary<string, object>> _running = [];
    private bool _begun;

    /// <summary>Begins a search.</summary>
    /// <param name="searchSpace">What may vary: the experiment's search space.</param>
    /// <param name="tuner">Decides what to try.</param>
    /// <param name="seed">Decides everything that is random.</param>
    /// <param name="countParameters">Whether the number of trainable parameters is a second objective besides the loss. The trials must then give <see cref="PeftTrialResult"/>, as those of <see cref="PeftTrialRunner"/> do.</param>
    /// <exception cref="ArgumentException">An option of the tuner is not valid, or the space has nothing to choose or an option that is no range, choice or space.</exception>
    public FineTuneTuner(AutoMLSpace searchSpace, Tuner tuner, int seed = 0, bool countParameters = false)
    {
        ArgumentNullException.ThrowIfNull(searchSpace);
        ArgumentNullException.ThrowIfNull(tuner);
        _space = new MappedSpace(searchSpace);
        _session = tuner.Start(_space.Space, seed);
        _countParameters = countParameters;
        _random = new Random(seed);
    }

    /// <summary>The completed trials that no other is better than, or equal in all and better in one objective: the best one, where the loss is the only objective. Nested options have dotted names.</summary>
    public IReadOnlyList<TunerTrial> Front => _session.Front;

    /// <summary>The next point: the default at first, then what the tuner proposes. Where that has nothing more, because the space or grid is used up, points at random, known ones among them: AutoML gives a tuner no way to end an experiment.</summary>
    /// <param name="settings">The trial.</param>
    /// <returns>Its parameters.</returns>
    public Parameter Propose(TrialSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _session.Tell(_running.Values.Select(TunerTrial.Failed));
        _running.Clear();
        IReadOnlyDictionary<string, object> point = Next();
        _running[settings.TrialId] = point;
        return _space.Write(point);
    }

    /// <summary>Takes a trial's loss, the lower the better.</summary>
    /// <param name="result">A trial that was proposed here, or another one of the same space.</param>
    /// <exception cref="ArgumentException">The parameters are none of the space's, or the number of trainable parameters is an objective and the result does not have it.</exception>
    public void Update(TrialResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (!_running.Remove(result.TrialSettings.TrialId, out IReadOnlyDictionary<string, object>? point))
            point = _space.Read(result.TrialSettings.Parameter);
        _session.Tell(double.IsFinite(result.Loss) && result.Loss < double.MaxValue ? TunerTrial.Completed(point, Objectives(result)) : TunerTrial.Failed(point));
    }

    private IReadOnlyDictionary<string, object> Next()
    {
        if (!_begun)
        {
            _begun = true;
            IReadOnlyDictionary<string, object> initial = _space.Space.Default;
            if (_space.Space.Contains(initial))
            {
                _session.Tell(TunerTrial.Running(initial));
                return initial;
            }
        }
        return _session.Propose() is [var point] ? point : _space.Space.Sample(_random);
    }

    private IReadOnlyList<double> Objectives(TrialResult result) => !_countParameters ? [result.Loss]
        : result is PeftTrialResult peft ? [result.Loss, peft.TrainableParameters]
        : throw new ArgumentException($"The result is a {result.GetType().Name}; expected a {nameof(PeftTrialResult)}, which has the number of trainable parameters, an objective of this tuner.", nameof(result));
}
