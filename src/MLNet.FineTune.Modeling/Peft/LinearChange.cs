using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>What the modules that a method has at one projection do to it, as a change of its weight and bias.</summary>
/// <param name="Weight">What to add to the weight, [outputs, inputs].</param>
/// <param name="Bias">What to add to the bias, [outputs]; null for nothing.</param>
internal sealed record LinearChange(Tensor Weight, Tensor? Bias)
{
    /// <param name="linear">The projection.</param>
    /// <param name="modules">One at least, in the order they apply.</param>
    /// <returns>The change; null where what they do is none of weight and bias.</returns>
    public static LinearChange? Of(AdaptableLinear linear, IReadOnlyList<LinearAdapter> modules)
    {
        using var scope = NewDisposeScope();
        Tensor[] weights = [.. modules.Select(module => module.WeightDelta(linear.Weight)).OfType<Tensor>()];
        if (weights.Length < modules.Count)
            return null;
        Tensor[] biases = [.. modules.Select(module => module.BiasDelta(linear.Bias)).OfType<Tensor>()];
        // Sums are exact; where one multiplies what another adds, the change is read off what they compute.
        LinearChange change = modules.Count == 1 || modules.All(module => module.Adds)
            ? new LinearChange(Sum(weights), biases.Length == 0 ? null : Sum(biases))
            : Computed(linear, modules, biases.Length > 0);
        change.Weight.MoveToOuterDisposeScope();
        change.Bias?.MoveToOuterDisposeScope();
        return change;
    }

    private static Tensor Sum(Tensor[] deltas) => deltas.Aggregate((sum, delta) => sum.Add(delta));

    /// <summary>The projection of nothing is its bias, that of a unit vector besides is a column of its weight.</summary>
    private static LinearChange Computed(AdaptableLinear linear, IReadOnlyList<LinearAdapter> modules, bool bias)
    {
        Device device = linear.Weight.device;
        Tensor units = cat([zeros(1, linear.Inputs, device: device), eye(linear.Inputs, device: device)], 0);
        Tensor all = linear.Forward(units, modules), origin = all.narrow(0, 0, 1);
        Tensor weight = (all.narrow(0, 1, linear.Inputs) - origin).t();
        return new LinearChange(weight - linear.Weight, bias ? origin.squeeze(0) - linear.Bias : null);
    }
}
