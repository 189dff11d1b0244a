using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>The methods that the conformance suite runs through; a new method is a new row in one of the parts.</summary>
internal static partial class MethodCases
{
    private const TargetModules AllLinear = TargetModules.AllLinear | TargetModules.Pooler;

    private const TargetModules QueryAndValue = TargetModules.Query | TargetModules.Value;

    public static IReadOnlyList<MethodCase> All { get; } = [.. Base, .. LowRank, .. Adapters, .. Prompts, .. Selections];

    private static long H(EncoderConfig c) => c.HiddenSize;

    private static long Dense(EncoderConfig c) => H(c) * H(c) + H(c);

    private static long Output(EncoderConfig c) => (H(c) + 1) * Encoders.TinyEncoder.Classes;

    private static long Encoder(EncoderConfig c)
    {
        long e = c.EmbeddingSize, h = H(c), i = c.IntermediateSize;
        long embeddings = (c.VocabularySize + c.PositionRows + c.TokenTypeCount) * e + 2 * e + (e == h ? 0 : e * h + h);
        long layer = 4 * (h * h + h) + (h * i + i) + (i * h + h) + 2 * 2 * h;
        long relative = c.RelativeBuckets * c.HeadCount + (c.Disentangled is { } d ? 2 * d.Span * h + 2 * h : 0);
        return embeddings + c.PhysicalLayerCount * layer + relative;
    }

    private static long EncoderBiases(EncoderConfig c) =>
        c.EmbeddingSize + (c.EmbeddingSize == c.HiddenSize ? 0 : H(c)) + c.PhysicalLayerCount * (7 * H(c) + c.IntermediateSize) + (c.Disentangled is null ? 0 : H(c));
}
