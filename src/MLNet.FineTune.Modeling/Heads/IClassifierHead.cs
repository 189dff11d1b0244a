using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Heads;

/// <summary>A head that classifies whole texts by one vector of each.</summary>
internal interface IClassifierHead
{
    /// <summary>Number of logits.</summary>
    int ClassCount { get; }

    /// <summary>Width of the vector of each text that is classified.</summary>
    int Width { get; }

    /// <summary>The vector of each text that is classified.</summary>
    /// <returns>float32 [batch, <see cref="Width"/>].</returns>
    Tensor Embed(EncoderOutput output, EncoderInput input);

    /// <summary>Classifies the vectors that <see cref="Embed"/> makes.</summary>
    /// <returns>float32 [batch, classes].</returns>
    Tensor Classify(Tensor pooled);
}
