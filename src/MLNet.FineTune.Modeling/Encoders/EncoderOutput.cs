using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>What an encoder computes.</summary>
/// <param name="LastHidden">Output of the last layer, [batch, prompt + length, hidden], or [batch, 1, hidden] where only the first vector was asked for; in the type the encoder computes in.</param>
/// <param name="HiddenStates">Embeddings and every layer's output where they were asked for, else empty.</param>
/// <param name="PromptLength">How many vectors of a soft prompt come before the text's; zero without one.</param>
internal sealed record EncoderOutput(Tensor LastHidden, IReadOnlyList<Tensor> HiddenStates, int PromptLength = 0)
{
    /// <summary>What belongs to the tokens of the text, [batch, length, hidden].</summary>
    public Tensor Tokens => PromptLength == 0 ? LastHidden : LastHidden.narrow(1, PromptLength, LastHidden.size(1) - PromptLength);
}
