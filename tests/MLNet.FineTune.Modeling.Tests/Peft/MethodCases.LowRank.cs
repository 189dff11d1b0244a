using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

internal static partial class MethodCases
{
    /// <summary>Low-rank updates of weights, and other changes of projections.</summary>
    private static IEnumerable<MethodCase> LowRank =>
    [
        new("lora", () => new Lora(), c => c.PhysicalLayerCount * 2 * 8 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        // Dropout takes part in training only, and the update is zero before the first step: no check loses its meaning.
        new("lora-all-linear", () => new Lora { Targets = AllLinear, Rank = 3, Alpha = 5, RankStabilized = true, Dropout = 0.2f },
            c => 3 * (c.PhysicalLayerCount * (4 * 2 * H(c) + 2 * (H(c) + c.IntermediateSize)) + 2 * H(c)) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-bias-of-targets", () => new Lora { Rank = 2, Bias = LoraBias.LoraOnly },
            c => c.PhysicalLayerCount * (2 * 2 * 2 * H(c) + 2 * H(c)) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-bias-all", () => new Lora { Rank = 2, Bias = LoraBias.All, Targets = TargetModules.FeedForward },
            c => c.PhysicalLayerCount * 2 * 2 * (H(c) + c.IntermediateSize) + EncoderBiases(c) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-by-pattern", () => new Lora { Rank = 4, TargetPattern = @".*\.(query|query_proj|q_lin|q)" },
            c => c.PhysicalLayerCount * 4 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-first-layer", () => new Lora { Rank = 4, Layers = [0] }, c => 2 * 4 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
    ];
}
