using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Takes the least important triplets away while AdaLoRA trains, until as many remain as the budget allows.</summary>
internal sealed class AdaLoraTraining(AdaLora method, PeftAdapter adapter) : PeftTraining
{
    private readonly (string Path, AdaLoraLinear Module)[] _modules = [.. adapter.Placed.Select(placed => (placed.Path, (AdaLoraLinear)placed.Module))];
    private AdaLoraSchedule? _schedule;

    public override bool Settled => Array.TrueForAll(_modules, module => module.Module.Kept is not null);

    public override Tensor Penalty()
    {
        Tensor sum = _modules[0].Module.OrthogonalityGap();
        foreach ((_, AdaLoraLinear module) in _modules.AsSpan(1))
            sum = sum.Add(module.OrthogonalityGap());
        return sum.Mul(method.OrthogonalityWeight / _modules.Length);
    }

    public override void OnTrainingStart(TrainingState state)
    {
        _schedule = method.Schedule(_modules.Length, state.TotalSteps);
        foreach ((_, AdaLoraLinear module) in _modules)
        {
            (module.Kept, module.Schedule) = (null, _schedule);
            module.Measure(method.SensitivityDecay, method.UncertaintyDecay);
        }
    }

    public override void OnStepEnd(TrainingState state)
    {
        if (Settled)
        {
            foreach ((_, AdaLoraLinear module) in _modules)
                Mask(module, module.Kept!);
            return;
        }
        foreach ((_, AdaLoraLinear module) in _modules)
            module.Importance!.Update();
        if (state.Step >= _schedule!.Decision)
            Decide();
        else if (state.Step > _schedule.WarmupSteps && state.Step % method.AllocateEverySteps == 0)
            foreach ((AdaLoraLinear module, bool[] kept) in Allocate(_schedule.Budget(state.Step)))
                Mask(module, kept);
    }

    public override void OnTrainingEnd(TrainingState state)
    {
        // A training that ended early is brought to its budget all the same.
        if (!Settled)
            Decide();
        foreach ((_, AdaLoraLinear module) in _modules)
            module.Forget();
    }

    public override void SaveState(StateBag state)
    {
        foreach ((string path, AdaLoraLinear module) in _modules)
            if (module.Kept is { } kept)
                state.Values.Add(path, string.Concat(kept.Select(one => one ? '1' : '0')));
            else
                module.Importance!.Save(state, path);
    }

    public override void LoadState(StateBag state)
    {
        foreach ((string path, AdaLoraLinear module) in _modules)
            if (state.Values.TryGetValue(path, out string? kept))
                module.Kept = [.. kept.Select(one => one == '1')];
            else
                module.Importance!.Load(state, path);
    }

    private void Decide()
    {
        foreach ((AdaLoraLinear module, bool[] kept) in Allocate(_schedule!.TargetBudget))
        {
            module.Kept = kept;
            Mask(module, kept);
        }
    }

    /// <summary>The most important triplets of all projections together; of equals those that come first.</summary>
    private IReadOnlyList<(AdaLoraLinear Module, bool[] Kept)> Allocate(int budget)
    {
        float[][] scores = [.. _modules.Select(module => module.Module.Importance!.Scores())];
        bool[][] kept = [.. scores.Select(module => new bool[module.Length])];
        foreach ((int module, int triplet) in scores.SelectMany((of, module) => of.Select((_, triplet) => (module, triplet))).OrderByDescending(one => scores[one.module][one.triplet]).Take(budget))
            kept[module][triplet] = true;
        return [.. _modules.Select((module, i) => (module.Module, kept[i]))];
    }

    private static void Mask(AdaLoraLinear module, bool[] kept)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        module.Values.mul_(tensor([.. kept.Select(one => one ? 1f : 0f)], device: module.Values.device).unsqueeze(1));
    }
}
