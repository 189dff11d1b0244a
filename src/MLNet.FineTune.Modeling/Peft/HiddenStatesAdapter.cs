using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A module beside the encoder: it reads what all layers give and replaces what the last one gives.</summary>
internal abstract class HiddenStatesAdapter(string name) : PeftModule(name)
{
    /// <param name="states">The embeddings and the output of every layer, each [batch, prompt + length, hidden].</param>
    /// <param name="input">The text.</param>
    /// <returns>[batch, prompt + length, hidden].</returns>
    public abstract Tensor Combine(IReadOnlyList<Tensor> states, EncoderInput input);
}
