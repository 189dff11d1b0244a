using MLNet.FineTune.Encoders;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Heads;

/// <summary>What a task adds on top of an encoder. Computes in float32.</summary>
internal abstract class Head(string name) : Part(name)
{
    /// <summary>Whether it reads no vector of a text but the first, so that the encoder's last layer need not compute the others.</summary>
    public virtual bool ReadsFirstOnly => false;

    /// <summary>The logits of a batch.</summary>
    public abstract Tensor Forward(EncoderOutput output, EncoderInput input);

    /// <summary>Draws fresh weights, as the encoder's configuration says.</summary>
    public void Initialize(double range) => Initialization.Normal(this, range);
}
