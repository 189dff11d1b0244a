using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using Parameter = TorchSharp.Modules.Parameter;
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
            delta.Weight.Add_(delta.Change.Weight, alpha: sign);
            if (delta.Change.Bias is { } bias)
                delta.Linear!.Bias.Add_(bias, alpha: sign);
            delta.Linear?.WeightsChanged();
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
            Placement[] placed = [.. place];
            LinearChange change = ChangeAt(placed);
            _deltas.Add(new MergedDelta(placed[0].Linear?.Weight ?? placed[0].Table!.Weight, placed[0].Linear, new LinearChange(Kept(change.Weight), change.Bias is { } bias ? Kept(bias) : null)));
        }

        static Tensor Kept(Tensor change) => change.detach().DetachFromDisposeScope();
    }

    private LinearChange ChangeAt(Placement[] placed)
    {
        if (placed[0].Linear is { } linear)
            return LinearChange.Of(linear, [.. placed.Select(one => (LinearAdapter)one.AtSite)]) ?? throw Refuse(placed[0]);
        // A head that predicts words reads the table too, which the modules there leave to it as it is.
        if (Model.Head is MaskedLanguageModelHead)
            throw Refuse(placed[0]);
        Tensor[] deltas = [.. placed.Select(one => one.AtSite is InputAdapter adapter && adapter.TableDelta() is { } delta ? delta : throw Refuse(one))];
        return new LinearChange(deltas.Aggregate((sum, delta) => sum.Add(delta)), null);
    }

    private NotSupportedException Refuse(Placement placed)
    {
        ForgetDeltas();
        return new NotSupportedException($"'{Method.MethodName}' cannot be merged: its effect at {placed.Path} is no change of the weight.");
    }

    private void ForgetDeltas()
    {
        foreach (MergedDelta delta in _deltas)
        {
            delta.Change.Weight.Dispose();
            delta.Change.Bias?.Dispose();
        }
        _deltas.Clear();
    }

    /// <param name="Weight">The weight that is changed.</param>
    /// <param name="Linear">The projection it is of; null for a table.</param>
    /// <param name="Change">What is added.</param>
    private sealed record MergedDelta(Parameter Weight, AdaptableLinear? Linear, LinearChange Change);
}
