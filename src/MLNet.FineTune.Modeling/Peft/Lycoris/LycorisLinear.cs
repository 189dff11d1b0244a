using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A change of one projection's weight that is formed whole from small factors, y = x (W + ΔW)ᵀ, as those of LyCORIS are (Yeh et al. 2023, arXiv 2309.14859).</summary>
/// <param name="name">The type's.</param>
/// <param name="rankDropout">Probability that a row of ΔW is left out of a training step.</param>
/// <param name="moduleDropout">Probability that all of it is.</param>
internal abstract class LycorisLinear(string name, double rankDropout, double moduleDropout) : LinearAdapter(name)
{
    /// <summary>ΔW, [outputs, inputs].</summary>
    protected abstract Tensor Change();

    /// <summary>In float32 the change is added to the weight, which spares a product; in shorter types a small change would vanish there.</summary>
    public override Tensor AdaptWeight(Tensor weight) => InWeight(weight.dtype) && !Skipped() ? weight.Add(Thinned()) : weight;

    public override Tensor AdaptOutput(Tensor input, Tensor output) =>
        InWeight(input.dtype) || Skipped() ? output : output.Add(nn.functional.linear(input, Thinned().to(input.dtype)));

    public override Tensor WeightDelta(Tensor weight) => Change();

    private static bool InWeight(ScalarType type) => type == ScalarType.Float32;

    private bool Skipped()
    {
        if (!training || moduleDropout == 0)
            return false;
        using Tensor draw = rand(1);
        return draw.item<float>() < moduleDropout;
    }

    private Tensor Thinned()
    {
        Tensor change = Change();
        return training && rankDropout > 0 ? change * Dropout.Apply(ones(change.size(0), 1, device: change.device), rankDropout) : change;
    }
}
