using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders.Attention;

/// <summary>What all layers of one forward pass share.</summary>
/// <param name="Mask">Added to the scores: zero for tokens, very negative for padding, [batch, 1, 1, length]; null without padding.</param>
/// <param name="QueryMask">One for tokens, zero for padding, [batch, queries, 1]; set where padding must not attend (DeBERTa).</param>
/// <param name="PositionBias">Added to the scores, [1, heads, queries, length]; null where the model has none.</param>
/// <param name="Relative">Relative positions of disentangled attention; null where the model has none.</param>
internal sealed record AttentionContext(Tensor? Mask, Tensor? QueryMask, Tensor? PositionBias, RelativeTable? Relative)
{
    /// <summary>Keys and values before those of the text, two of [1 or batch, heads, prefix, head size]; null where the layer has none.</summary>
    public (Tensor Keys, Tensor Values)? Prefix { get; init; }

    /// <summary>Finite, so that a row of padding only gives an average and not NaN; its exponential is zero in every type used.</summary>
    private const float Excluded = -1e30f;

    /// <summary>The same for a layer with a prefix, which every position sees.</summary>
    public AttentionContext With((Tensor Keys, Tensor Values)? prefix)
    {
        if (prefix is not { } added)
            return this;
        long length = added.Keys.size(2);
        return this with
        {
            Prefix = prefix,
            Mask = Mask is null ? null : Widen(Mask, length),
            // Where only positions are told apart, a prefix has none.
            PositionBias = PositionBias is null ? null : Widen(PositionBias, length),
        };
    }

    /// <summary>The same for the first vector of each text as the only query.</summary>
    public AttentionContext First() => this with { QueryMask = QueryMask?.narrow(1, 0, 1), PositionBias = PositionBias?.narrow(2, 0, 1), Relative = Relative?.First() };

    /// <summary>Puts zeros before the last dimension.</summary>
    public static Tensor Widen(Tensor scores, long length) => nn.functional.pad(scores, [length, 0]);

    /// <summary>The additive form of a token mask in the type scores have.</summary>
    public static Tensor Additive(Tensor mask, ScalarType type)
    {
        using Tensor inverted = mask.logical_not();
        return inverted.to(type).Mul_(Excluded).unsqueeze_(1).unsqueeze_(1);
    }
}
