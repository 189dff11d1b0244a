using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>What an encoder gives.</summary>
/// <param name="LastHidden">[batch, length, hidden], in the compute type.</param>
/// <param name="HiddenStates">The embeddings and the output of every layer; empty unless asked for.</param>
internal sealed record EncoderOutput(Tensor LastHidden, IReadOnlyList<Tensor> HiddenStates);
