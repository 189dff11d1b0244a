using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Training;

/// <summary>The gradients of one step, per group; absent where a parameter took no part in the loss.</summary>
/// <remarks>Their managed wrappers belong to the dispose scope in which <see cref="Collect"/> ran.</remarks>
internal sealed class Gradients
{
    private readonly Tensor?[][] _byGroup;

    private Gradients(Tensor?[][] byGroup) => _byGroup = byGroup;

    /// <summary>The gradient of member <paramref name="index"/> of group <paramref name="group"/>.</summary>
    public Tensor? this[int group, int index] => _byGroup[group][index];

    private IEnumerable<Tensor> Present => _byGroup.SelectMany(group => group).OfType<Tensor>();

    /// <summary>Takes hold of the gradients that the backward passes left.</summary>
    public static Gradients Collect(IReadOnlyList<ParameterGroup> groups) =>
        new([.. groups.Select(group => group.Parameters.Select(member => member.Parameter.grad).ToArray())]);

    /// <summary>Drops the gradients, so that the next backward pass stores instead of adding.</summary>
    public static void Clear(IReadOnlyList<ParameterGroup> groups)
    {
        foreach (ParameterGroup group in groups)
            foreach (NamedParameter member in group.Parameters)
                member.Parameter.grad = null;
    }

    /// <summary>Reads the loss and the Euclidean norm of all gradients together, in fp32, with one transfer from the device.</summary>
    /// <exception cref="InvalidOperationException">No parameter has a gradient.</exception>
    public (double Loss, double Norm) Measure(Tensor loss)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor[] norms = [.. Present.Select(gradient => AsFloat(gradient).norm())];
        if (norms.Length == 0)
            throw new InvalidOperationException("The loss reaches none of the trainable parameters: no gradient is present after the backward pass.");
        ReadOnlySpan<float> values = stack([AsFloat(loss.detach()).reshape([]), stack(norms).norm()]).cpu().data<float>().ToArray();
        return (values[0], values[1]);
    }

    /// <summary>Scales all gradients by one factor so that their norm is at most <paramref name="maximum"/>.</summary>
    public void Clip(double norm, double maximum)
    {
        if (norm <= maximum)
            return;
        using IDisposable frozen = no_grad();
        foreach (Tensor gradient in Present)
            gradient.Mul_(maximum / norm);
    }

    private static Tensor AsFloat(Tensor value) => value.dtype == ScalarType.Float32 ? value : value.to(ScalarType.Float32);
}
