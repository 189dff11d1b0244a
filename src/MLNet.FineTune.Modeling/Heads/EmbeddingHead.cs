using MLNet.FineTune.Encoders;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Heads;

/// <summary>The embedding of a text: its tokens' vectors pooled, and brought to length one where the checkpoint asks for it. Has no weights.</summary>
internal sealed class EmbeddingHead(PoolingMode pooling, bool normalize) : Head(nameof(EmbeddingHead))
{
    public override bool ReadsFirstOnly => pooling == PoolingMode.Cls;

    /// <returns>float32 [batch, hidden].</returns>
    public override Tensor Forward(EncoderOutput output, EncoderInput input)
    {
        Tensor pooled = pooling.Pool(output, input);
        return normalize ? functional.normalize(pooled, p: 2, dim: 1, eps: 1e-12) : pooled;
    }
}
