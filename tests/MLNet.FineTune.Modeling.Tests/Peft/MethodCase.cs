using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>A row of the conformance suite: a method with the options it is tried with, and what it promises.</summary>
/// <param name="Name">Names the row in test results.</param>
/// <param name="Create">Makes the options.</param>
/// <param name="Trainable">How many numbers train, head included, in closed form.</param>
internal sealed record MethodCase(string Name, Func<PeftMethod> Create, Func<EncoderConfig, long> Trainable)
{
    /// <summary>Whether the model computes the same before the first step as without the method.</summary>
    public bool IdentityAtInitialization { get; init; } = true;

    /// <summary>Whether its effect can be added to the base weights.</summary>
    public bool Mergeable { get; init; } = true;

    /// <summary>Whether it can be switched off and taken away, so that the base is back.</summary>
    public bool SwitchesOff { get; init; } = true;

    /// <summary>Whether Python's peft knows it, so that a directory with its two files can be written and read.</summary>
    public bool HasPeftFiles { get; init; }

    public override string ToString() => Name;
}

/// <summary>The methods that the conformance suite runs through; a new method is a new row.</summary>
internal static class MethodCases
{
    private const TargetModules AllLinear = TargetModules.AllLinear | TargetModules.Pooler;

    public static IReadOnlyList<MethodCase> All { get; } =
    [
        new("full", () => new FullFineTuning(), c => Encoder(c) + Dense(c) + Output(c)) { SwitchesOff = false },
        new("head", () => new HeadOnly(), c => Dense(c) + Output(c)),
        new("lora", () => new Lora(), c => c.PhysicalLayerCount * 2 * 8 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true },
        // Dropout takes part in training only, and the update is zero before the first step: no check loses its meaning.
        new("lora-all-linear", () => new Lora { Targets = AllLinear, Rank = 3, Alpha = 5, RankStabilized = true, Dropout = 0.2f },
            c => 3 * (c.PhysicalLayerCount * (4 * 2 * H(c) + 2 * (H(c) + c.IntermediateSize)) + 2 * H(c)) + Output(c)) { HasPeftFiles = true },
        new("lora-bias-of-targets", () => new Lora { Rank = 2, Bias = LoraBias.LoraOnly },
            c => c.PhysicalLayerCount * (2 * 2 * 2 * H(c) + 2 * H(c)) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("lora-bias-all", () => new Lora { Rank = 2, Bias = LoraBias.All, Targets = TargetModules.FeedForward },
            c => c.PhysicalLayerCount * 2 * 2 * (H(c) + c.IntermediateSize) + EncoderBiases(c) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("lora-by-pattern", () => new Lora { Rank = 4, TargetPattern = @".*\.(query|query_proj|q_lin|q)" },
            c => c.PhysicalLayerCount * 4 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("lora-first-layer", () => new Lora { Rank = 4, Layers = [0] }, c => 2 * 4 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true },
    ];

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
