using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A module after or beside a sublayer, attention or feed-forward network, whose output is then added to the sublayer's input and normalised.</summary>
internal abstract class ResidualAdapter(string name) : PeftModule(name)
{
    /// <param name="input">What the sublayer took, which is added to its output afterwards, [batch, length, hidden].</param>
    /// <param name="output">What the sublayer, and modules before this one, gave; after dropout, [batch, length, hidden].</param>
    /// <param name="norm">The normalisation that follows the addition.</param>
    /// <returns>The output in place of <paramref name="output"/>.</returns>
    public abstract Tensor Adapt(Tensor input, Tensor output, LayerNorm norm);
}
