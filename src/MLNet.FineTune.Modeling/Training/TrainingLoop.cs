using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Training;

/// <summary>Trains the parameters of a <see cref="TrainingTask"/>. What varies between trainings is a part: sampler, objective, validator, callback.</summary>
internal sealed class TrainingLoop : IDisposable
{
    /// <summary>Steps between collections of the small managed wrappers of tensors, whose number would else let memory creep.</summary>
    private const int CollectEverySteps = 20;

    private readonly TrainingTask _task;
    private readonly TrainingOptions _options;
    private readonly TrainingState _state;
    private readonly AdamW _optimizer;
    private readonly AveragedWeights? _average;
    private readonly Validation? _validation;
    private readonly IReadOnlyList<ITrainingCallback> _callbacks;
    private readonly int _warmupSteps;

    private TrainingLoop(TrainingTask task, TrainingOptions options)
    {
        (_task, _options) = (task, options);
        int stepsPerEpoch = (task.Sampler.BatchesPerEpoch + options.AccumulationSteps - 1) / options.AccumulationSteps;
        _state = new TrainingState
        {
            Options = options,
            Groups = task.Groups,
            StepsPerEpoch = stepsPerEpoch,
            TotalSteps = options.MaxSteps ?? checked(options.Epochs * stepsPerEpoch),
            ForgetMoments = names =>
            {
                _optimizer!.Forget(names);
                Notify(callback => callback.OnRestart(_state!, names));
            },
        };
        _warmupSteps = options.WarmupSteps ?? (int)Math.Ceiling(options.WarmupRatio * _state.TotalSteps);
        _optimizer = new AdamW(task.Groups, options.Beta1, options.Beta2, options.Epsilon);
        bool Settled() => task.Callbacks.All(callback => callback.Settled);
        _average = options.WeightAveraging?.Begin(Settled);
        _validation = task.Validator is null ? null : new Validation(task.Validator, CheckAlive, Settled, _average);
        _callbacks = TrainingParts.Assemble(task, options, _optimizer, _average, _validation);
    }

    /// <summary>Trains until the last step, early stopping or the time limit.</summary>
    /// <exception cref="ArgumentException">An option or the task is invalid.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    /// <exception cref="InvalidDataException">The checkpoint found is corrupt or of another training.</exception>
    public static TrainingResult Run(TrainingTask task, TrainingOptions options)
    {
        options.Validate();
        TrainingParts.Check(task, options);
        using IDisposable heap = NativeHeap.KeepFreed();
        using var loop = new TrainingLoop(task, options);
        return loop.Run();
    }

    private TrainingResult Run()
    {
        Notify(callback => callback.OnTrainingStart(_state));
        long start = _task.Clock.GetTimestamp();
        TimeSpan before = _state.Elapsed;
        while (true)
        {
            foreach (int[][] batches in _task.Sampler.Batches(_state.Epoch).Chunk(_options.AccumulationSteps).Skip(_state.StepInEpoch))
            {
                if (_state.Finished)
                    break;
                using DisposeScope scope = NewDisposeScope();
                _state.Batches = batches;
                _state.LearningRate = (_options.LearningRate ?? _task.DefaultLearningRate) * ScheduleFactor();
                Notify(callback => callback.OnStepStart(_state));

                Tensor loss = Backward(batches);
                Notify(callback => callback.OnGradients(_state));
                Gradients gradients = Gradients.Collect(_task.Groups);
                (_state.Loss, _state.GradientNorm) = gradients.Measure(loss);
                if (!double.IsFinite(_state.Loss) || !double.IsFinite(_state.GradientNorm))
                    throw new TrainingDivergedException(_state.Step + 1, _state.LearningRate, _state.Loss, _state.GradientNorm);
                gradients.Clip(_state.GradientNorm, _options.MaxGradientNorm);
                _optimizer.Step(gradients, _state.LearningRate);

                _state.Step++;
                _state.StepInEpoch++;
                _state.Rows += batches.Sum(batch => batch.Length);
                _state.Elapsed = before + _task.Clock.GetElapsedTime(start);
                if (_state.Elapsed >= _options.MaxDuration)
                    _state.RequestStop(StopReason.Duration);
                Notify(callback => callback.OnStepEnd(_state));
                Gradients.Clear(_task.Groups);
                if (_state.Step % CollectEverySteps == 0)
                    GC.Collect(0);
            }
            if (_state.StepInEpoch == _state.StepsPerEpoch)
                Notify(callback => callback.OnEpochEnd(_state));
            if (_state.Finished)
                break;
            _state.Epoch++;
            _state.StepInEpoch = 0;
        }
        StopReason reason = _state.Step >= _state.TotalSteps ? StopReason.Completed : _state.Stop!.Value;
        Notify(callback => callback.OnTrainingEnd(_state));
        return new TrainingResult(_state.Step, reason, _state.Loss, _validation?.Best, _state.Elapsed);
    }

    /// <summary>Adds up the gradients of the mean loss over all rows of the step, batch by batch; the loss itself stays on the device.</summary>
    private Tensor Backward(int[][] batches)
    {
        double[] shares = Shares(batches);
        Tensor? sum = null;
        for (int i = 0; i < batches.Length; i++)
        {
            CheckAlive();
            using DisposeScope scope = NewDisposeScope();
            Tensor loss = _task.Objective.Loss(batches[i]);
            if (batches.Length > 1)
                loss = loss.Mul(shares[i]);
            loss.backward();
            sum = scope.MoveToOuter(sum is null ? loss.detach() : sum.Add(loss.detach()));
        }
        return sum!;
    }

    /// <summary>How much each batch counts in the mean over all: by the weights of its rows, or by their number where none weighs anything.</summary>
    private double[] Shares(int[][] batches)
    {
        double[] weights = [.. batches.Select(_task.Objective.Weight)];
        double total = weights.Sum();
        if (total > 0)
            return [.. weights.Select(weight => weight / total)];
        double rows = batches.Sum(batch => batch.Length);
        return [.. batches.Select(batch => batch.Length / rows)];
    }

    /// <summary>The factor by steps taken, or by time used where that is further.</summary>
    private double ScheduleFactor()
    {
        double step = _options.MaxDuration is { } limit ? Math.Max(_state.Step, _state.Elapsed / limit * _state.TotalSteps) : _state.Step;
        return LearningRateSchedules.Factor(_options.Schedule, step, _state.TotalSteps, _warmupSteps);
    }

    private void CheckAlive()
    {
        _options.CancellationToken.ThrowIfCancellationRequested();
        _task.CheckAlive?.Invoke();
    }

    private void Notify(Action<ITrainingCallback> hook)
    {
        foreach (ITrainingCallback callback in _callbacks)
            hook(callback);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _average?.Dispose();
        _validation?.Dispose();
    }
}
