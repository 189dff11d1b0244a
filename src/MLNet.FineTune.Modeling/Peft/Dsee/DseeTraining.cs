using System.Globalization;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Prunes the base weights once during training; the steps after that recover what was lost.</summary>
internal sealed class DseeTraining(Dsee method, PeftAdapter adapter) : PeftTraining
{
    private readonly (string Path, DseeLinear Module)[] _modules = [.. adapter.Placed.Select(placed => (placed.Path, (DseeLinear)placed.Module))];

    public override bool Settled => _modules[0].Module.Threshold >= 0;

    public override void OnStepEnd(TrainingState state)
    {
        if (!Settled && state.Step >= Math.Max(1, (int)(method.PruneAt * state.TotalSteps)))
            Prune();
    }

    public override void OnTrainingEnd(TrainingState state)
    {
        if (!Settled)
            Prune();
    }

    public override void SaveState(StateBag state)
    {
        foreach ((string path, DseeLinear module) in _modules)
            state.Values.Add(path, module.Threshold.ToString("R", CultureInfo.InvariantCulture));
    }

    public override void LoadState(StateBag state)
    {
        foreach ((string path, DseeLinear module) in _modules)
            module.Prune(float.Parse(state.Value(path), CultureInfo.InvariantCulture));
    }

    private void Prune()
    {
        using DisposeScope scope = NewDisposeScope();
        if (method.Pruning == PruningPattern.Unstructured)
        {
            float threshold = Threshold(cat([.. _modules.Select(module => module.Module.Magnitudes().flatten())]));
            foreach ((_, DseeLinear module) in _modules)
                module.Prune(threshold);
        }
        else
        {
            foreach ((_, DseeLinear module) in _modules)
                module.Prune(Threshold(module.Magnitudes().flatten()));
        }
    }

    /// <summary>The magnitude up to which lies the share that is pruned.</summary>
    private float Threshold(Tensor magnitudes)
    {
        long pruned = (long)Math.Round(method.PruneShare * magnitudes.numel());
        return pruned == 0 ? 0 : magnitudes.sort().Values[pruned - 1].item<float>();
    }
}
