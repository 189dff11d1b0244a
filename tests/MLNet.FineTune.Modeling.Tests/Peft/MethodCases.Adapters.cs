using MLNet.FineTune.Encoders;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

internal static partial class MethodCases
{
    /// <summary>Modules after or beside sublayers, and beside the encoder; unions.</summary>
    private static IEnumerable<MethodCase> Adapters =>
    [
        new("bottleneck", () => new BottleneckAdapter { ReductionFactor = 4 }, c => c.PhysicalLayerCount * Bottleneck(c, 4) + Dense(c) + Output(c)) { Mergeable = false, Families = TinyEncoder.Families },
        new("bottleneck-houlsby", () => BottleneckAdapter.Houlsby() with { Size = 6 }, c => c.PhysicalLayerCount * (2 * Bottleneck(c, 6) + SublayerNorms(c)) + Dense(c) + Output(c))
            { Mergeable = false, IdentityAtInitialization = false },
        new("bottleneck-parallel", BottleneckAdapter.Parallel, c => c.PhysicalLayerCount * Bottleneck(c, 8) + Dense(c) + Output(c)) { Mergeable = false },
        new("bottleneck-scaled-parallel", () => BottleneckAdapter.ScaledParallel() with { Size = 5, Sublayers = Sublayers.Both, LearnScale = true, Dropout = 0.1f, Activation = AdapterActivation.Silu },
            c => c.PhysicalLayerCount * 2 * (Bottleneck(c, 5) + 1) + Dense(c) + Output(c)) { Mergeable = false },
        new("bottleneck-serial", () => new BottleneckAdapter { Size = 3, Placement = AdapterPlacement.Serial, Activation = AdapterActivation.Tanh },
            c => c.PhysicalLayerCount * Bottleneck(c, 3) + Dense(c) + Output(c)) { Mergeable = false, Families = ["bert", "deberta-v2"] },
        new("bottleneck-first-layer", () => new BottleneckAdapter { Size = 3, Sublayers = Sublayers.Attention, Layers = [0], TrainNorms = true, Activation = AdapterActivation.Gelu },
            c => Bottleneck(c, 3) + SublayerNorms(c) + Dense(c) + Output(c)) { Mergeable = false },
        new("compacter", () => new Compacter { ReductionFactor = 4 }, c => 64 + c.PhysicalLayerCount * (2 * Kronecker(c, 4, 1) + SublayerNorms(c)) + Dense(c) + Output(c))
            { Mergeable = false, IdentityAtInitialization = false, Families = TinyEncoder.Families },
        new("compacter++", () => Compacter.PlusPlus() with { ReductionFactor = 4, Division = 2, Rank = 2, TrainNorms = false },
            c => 8 + c.PhysicalLayerCount * Kronecker(c, 4, 2) + Dense(c) + Output(c)) { Mergeable = false, IdentityAtInitialization = false },
        new("union", () => new PeftUnion(new Lora { Rank = 2, Targets = QueryAndValue }, new BottleneckAdapter { Size = 3 }),
            c => c.PhysicalLayerCount * (2 * 2 * 2 * H(c) + Bottleneck(c, 3)) + Dense(c) + Output(c)) { Mergeable = false, Families = TinyEncoder.Families },
        new("union-of-equals", () => new PeftUnion(new Lora { Rank = 2, Targets = QueryAndValue }, new Lora { Rank = 3, Targets = TargetModules.Query | TargetModules.FeedForwardOut }),
            c => c.PhysicalLayerCount * (2 * 2 * 2 * H(c) + 3 * (3 * H(c) + c.IntermediateSize)) + Dense(c) + Output(c)),
        // What is scaled is the weight with the updates before the scaling, and what comes after is added to that.
        new("union-at-one-place", () => new PeftUnion(
                new Lora { Rank = 2, Targets = TargetModules.Value | TargetModules.FeedForwardOut }, new Ia3(), new Lora { Rank = 3, UseDora = true, Targets = TargetModules.Value }),
            c => c.PhysicalLayerCount * (2 * (2 * H(c) + H(c) + c.IntermediateSize) + 2 * H(c) + c.IntermediateSize + 3 * 2 * H(c) + H(c)) + Dense(c) + Output(c)),
        new("union-gated", () => new PeftUnion(new Lora { Rank = 2, Targets = TargetModules.Query | TargetModules.Value | TargetModules.Pooler }, BottleneckAdapter.Houlsby() with { Size = 3, Initialization = AdapterInitialization.Zero }) { Gated = true },
            c => c.PhysicalLayerCount * (2 * (2 * 2 * H(c) + H(c) + 1) + 2 * (Bottleneck(c, 3) + H(c) + 1) + SublayerNorms(c)) + 2 * 2 * H(c) + H(c) + 1 + Output(c)) { Mergeable = false },
        new("union-nested", () => new PeftUnion(new PeftUnion(new Lora { Rank = 2, Targets = QueryAndValue }, new Compacter { ReductionFactor = 4, TrainNorms = false }) { Gated = true }, new BottleneckAdapter { Size = 3 }),
            c => 64 + c.PhysicalLayerCount * (2 * (2 * 2 * H(c) + H(c) + 1) + 2 * (Kronecker(c, 4, 1) + H(c) + 1) + Bottleneck(c, 3)) + Dense(c) + Output(c)) { Mergeable = false, IdentityAtInitialization = false },
        new("mam", () => new PeftUnion(new PrefixTuning { Length = 3, Projection = false }, BottleneckAdapter.ScaledParallel() with { Size = 3 }),
            c => c.LayerCount * 3 * 2 * H(c) + c.PhysicalLayerCount * Bottleneck(c, 3) + Dense(c) + Output(c)) { Mergeable = false, IdentityAtInitialization = false },
        new("unipelt", () => new PeftUnion(new Lora { Rank = 2, Targets = QueryAndValue }, new BottleneckAdapter { Size = 3 }, new PrefixTuning { Length = 3, Projection = false }) { Gated = true },
            c => c.PhysicalLayerCount * (2 * (2 * 2 * H(c) + H(c) + 1) + Bottleneck(c, 3) + H(c) + 1) + c.LayerCount * (3 * 2 * H(c) + H(c) + 1) + Dense(c) + Output(c)) { Mergeable = false, IdentityAtInitialization = false },
        new("unipt", () => new UniPt(), c => Parallel(c, 8) + Dense(c) + Output(c)) { Mergeable = false, IdentityAtInitialization = false, Families = TinyEncoder.Families },
        new("unipt-residual", () => new UniPt { ReductionFactor = 4, Residual = true }, c => Parallel(c, 4) + Dense(c) + Output(c)) { Mergeable = false },
    ];

    private static long Bottleneck(EncoderConfig c, long size) => 2 * H(c) * size + size + H(c);

    private static long Kronecker(EncoderConfig c, long size, long rank) => 2 * rank * (H(c) + size) + size + H(c);

    private static long SublayerNorms(EncoderConfig c) => 2 * 2 * H(c);

    private static long Parallel(EncoderConfig c, long size) =>
        (c.LayerCount + 1) * (H(c) * size + 3 * size) + size * size + 3 * size + size * H(c) + H(c) + size;
}
