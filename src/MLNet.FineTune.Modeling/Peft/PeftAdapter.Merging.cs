using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

internal sealed partial class PeftAdapter
{
    private readonly List<MergedDelta> _deltas = [];

    /// <summary>Whether the adapter's effect is inside the base weights now.</summary>
    public bool Merged { get; private set; }

    /// <summary>Adds the adapter's effect to the base weights, so that scoring costs what the base costs.</summary>
    /// <exception cref="NotSupportedException">The method's effect is no change of weights.</exception>
    /// <exception cref="InvalidOperationException">The adapter is switched off.</exception>
    public void Merge() => ChangeWeights(+1);

    /// <summary>Takes the effect out of the base weights again, which then are the base's but for rounding.</summary>
    public void Unmerge() => ChangeWeights(-1);

    private void ChangeWeights(int sign)
    {
        if (Merged == sign > 0)
            return;
        if (!_active)
            throw new InvalidOperationException("The adapter is switched off; switch it on before merging it.");
        using var _ = no_grad();
        if (sign > 0)
            ComputeDeltas();
        foreach (MergedDelta delta in _deltas)
        {
            delta.Linear.Weight.Add_(delta.Weight, alpha: sign);
            if (delta.Bias is not null)
                delta.Linear.Bias.Add_(delta.Bias, alpha: sign);
            delta.Linear.WeightsChanged();
        }
        Switch(sign < 0);
        if (sign < 0)
            ForgetDeltas();
        Merged = sign > 0;
    }

    /// <summary>What is added to the weights is kept, to be taken away again: computed from merged weights it may be another.</summary>
    private void ComputeDeltas()
    {
        using var scope = NewDisposeScope();
        foreach (IGrouping<Site, Placement> place in _placed.Where(placed => placed.Site is not null && placed.Module.Active).GroupBy(placed => placed.Site!))
        {
            Placement placed = place.First();
            LinearChange change = placed.Linear is null ? Refuse(placed)
                : LinearChange.Of(placed.Linear, [.. place.Select(one => (LinearAdapter)one.AtSite)]) ?? Refuse(placed);
            _deltas.Add(new MergedDelta(placed.Linear!, change.Weight.detach().DetachFromDisposeScope(), change.Bias?.detach().DetachFromDisposeScope()));
        }
    }

    private LinearChange Refuse(Placement placed)
    {
        ForgetDeltas();
        throw new NotSupportedException($"'{Method.MethodName}' cannot be merged: its effect at {placed.Path} is no change of the weight.");
    }

    private void ForgetDeltas()
    {
        foreach (MergedDelta delta in _deltas)
        {
            delta.Weight.Dispose();
            delta.Bias?.Dispose();
        }
        _deltas.Clear();
    }

    private sealed record MergedDelta(AdaptableLinear Linear, Tensor Weight, Tensor? Bias);
}
