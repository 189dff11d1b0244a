using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders.Attention;

/// <summary>What all layers of one forward pass share.</summary>
/// <param name="Mask">Added to the scores: zero for tokens, very negative for padding, [batch, 1, 1, length]; null without padding.</param>
/// <param name="QueryMask">One for tokens, zero for padding, [batch, length, 1]; set where padding must not attend (DeBERTa).</param>
/// <param name="PositionBias">Added to the scores, [1, heads, length, length]; null where the model has none.</param>
/// <param name="Relative">Relative positions of disentangled attention; null where the model has none.</param>
internal sealed record AttentionContext(Tensor? Mask, Tensor? QueryMask, Tensor? PositionBias, RelativeTable? Relative)
{
    /// <summary>Finite, so that a row of padding only gives an average and not NaN; its exponential is zero in every type used.</summary>
    private const float Excluded = -1e30f;

    /// <summary>The additive form of a token mask in the type scores have.</summary>
    public static Tensor Additive(Tensor mask, ScalarType type)
    {
        using Tensor inverted = mask.logical_not();
        return inverted.to(type).mul_(Excluded).unsqueeze_(1).unsqueeze_(1);
    }
}
