using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A change of one projection's weight that is made of small factors, y = x (W + ΔW)ᵀ, with the dropouts of LyCORIS (Yeh et al. 2023, arXiv 2309.14859).</summary>
/// <param name="name">The type's.</param>
/// <param name="rankDropout">Probability that a row of ΔW is left out of a training step.</param>
/// <param name="moduleDropout">Probability that all of it is.</param>
internal abstract class LycorisLinear(string name, double rankDropout, double moduleDropout) : LinearAdapter(name)
{
    /// <summary>ΔW, [outputs, inputs].</summary>
    public abstract override Tensor WeightDelta(Tensor weight);

    /// <summary>Draws whether the change takes no part in a forward pass.</summary>
    protected bool Skipped()
    {
        if (!training || moduleDropout == 0)
            return false;
        using Tensor draw = rand(1);
        return draw.item<float>() < moduleDropout;
    }

    /// <summary>What the rows of ΔW are multiplied by, [outputs]: zero or a little more than one; null for nothing.</summary>
    protected Tensor? RowMask(long outputs, Device device) => training && rankDropout > 0 ? Dropout.Apply(ones(outputs, device: device), rankDropout) : null;
}
