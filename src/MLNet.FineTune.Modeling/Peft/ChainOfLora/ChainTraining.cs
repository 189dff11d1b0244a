using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Trains link after link, each for an equal share of the steps, with an optimiser and a learning-rate schedule of its own.</summary>
internal sealed class ChainTraining(ChainOfLora method, PeftAdapter adapter) : PeftTraining
{
    private readonly (string Path, ChainLinear Module)[] _modules = [.. adapter.Placed.Select(placed => (placed.Path, (ChainLinear)placed.Module))];

    public override bool Settled => Done == method.Links - 1;

    private int Done => _modules[0].Module.Done;

    public override void OnStepStart(TrainingState state)
    {
        int start = Start(Done, state.TotalSteps), steps = Start(Done + 1, state.TotalSteps) - start;
        double whole = Factor(state.Options, state.Step, state.TotalSteps);
        state.LearningRate *= Factor(state.Options, state.Step - start, steps) / whole;
    }

    public override void OnStepEnd(TrainingState state)
    {
        if (Settled || state.Step < Start(Done + 1, state.TotalSteps) || state.Step >= state.TotalSteps)
            return;
        foreach ((_, ChainLinear module) in _modules)
            module.Tie();
        state.ForgetMoments(adapter.Own.Select(parameter => parameter.Name).ToHashSet());
    }

    public override void SaveState(StateBag state)
    {
        foreach ((string path, ChainLinear module) in _modules)
            foreach ((string name, Tensor tensor) in module.State)
                state.Tensors.Add($"{path}.{name}", tensor);
    }

    public override void LoadState(StateBag state)
    {
        using var _ = no_grad();
        foreach ((string path, ChainLinear module) in _modules)
        {
            foreach ((string name, Tensor tensor) in module.State)
                tensor.copy_(state.Tensor($"{path}.{name}"));
            module.CheckLoaded();
        }
    }

    /// <summary>Steps before a link.</summary>
    private int Start(int link, int totalSteps) => Math.Max(link, (int)((long)totalSteps * link / method.Links));

    private static double Factor(TrainingOptions options, int step, int steps) =>
        LearningRateSchedules.Factor(options.Schedule, step, steps, options.WarmupSteps is { } warmup ? Math.Min(warmup, steps) : (int)Math.Ceiling(options.WarmupRatio * steps));
}
