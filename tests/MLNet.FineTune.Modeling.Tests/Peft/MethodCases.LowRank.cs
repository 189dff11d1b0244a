using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

internal static partial class MethodCases
{
    /// <summary>Low-rank updates of weights, and other changes of projections.</summary>
    private static IEnumerable<MethodCase> LowRank =>
    [
        // These encoders are shallow: all projections.
        new("lora", () => new Lora(), c => c.PhysicalLayerCount * 8 * (4 * 2 * H(c) + 2 * (H(c) + c.IntermediateSize)) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-query-value", () => new Lora { Targets = QueryAndValue }, c => c.PhysicalLayerCount * 2 * 8 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        // Dropout takes part in training only, and the update is zero before the first step: no check loses its meaning.
        new("lora-all-linear", () => new Lora { Targets = AllLinear, Rank = 3, Alpha = 5, RankStabilized = true, Dropout = 0.2f },
            c => 3 * (c.PhysicalLayerCount * (4 * 2 * H(c) + 2 * (H(c) + c.IntermediateSize)) + 2 * H(c)) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-bias-of-targets", () => new Lora { Rank = 2, Bias = LoraBias.LoraOnly, Targets = QueryAndValue },
            c => c.PhysicalLayerCount * (2 * 2 * 2 * H(c) + 2 * H(c)) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-bias-all", () => new Lora { Rank = 2, Bias = LoraBias.All, Targets = TargetModules.FeedForward },
            c => c.PhysicalLayerCount * 2 * 2 * (H(c) + c.IntermediateSize) + EncoderBiases(c) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-by-pattern", () => new Lora { Rank = 4, TargetPattern = @".*\.(query|query_proj|q_lin|q)" },
            c => c.PhysicalLayerCount * 4 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-first-layer", () => new Lora { Rank = 4, Layers = [0], Targets = QueryAndValue }, c => 2 * 4 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-by-rank", () => new Lora { Rank = 4, Targets = TargetModules.Attention, Layers = [0], RankPattern = new() { [@"(query|query_proj)"] = 3, [@".*(key|key_proj)"] = 0 }, AlphaPattern = new() { [@"(value|value_proj)"] = 2.5f } },
            c => (3 + 4 + 4) * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("lora-gaussian", () => new Lora { Rank = 2, Initialization = LoraInitialization.Gaussian, Targets = QueryAndValue }, c => c.PhysicalLayerCount * 2 * 2 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("lora-dora", () => new Lora { Rank = 3, UseDora = true, Targets = AllLinear, Dropout = 0.2f },
            c => 3 * (c.PhysicalLayerCount * (4 * 2 * H(c) + 2 * (H(c) + c.IntermediateSize)) + 2 * H(c)) + c.PhysicalLayerCount * (5 * H(c) + c.IntermediateSize) + H(c) + Output(c)) { HasPeftFiles = true },
        new("lora-words", () => new Lora { Rank = 3, Alpha = 5, WordEmbeddings = true, Targets = QueryAndValue },
            c => 3 * (c.VocabularySize + c.EmbeddingSize) + c.PhysicalLayerCount * 3 * 2 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lora-words-alone", () => new Lora { Rank = 4, TargetPattern = @".*\.word_embeddings", RankStabilized = true }, c => 4 * (c.VocabularySize + c.EmbeddingSize) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("lora-pissa", () => new Lora { Rank = 4, Initialization = LoraInitialization.Pissa, Targets = TargetModules.AllLinear },
            c => c.PhysicalLayerCount * 4 * (4 * 2 * H(c) + 2 * (H(c) + c.IntermediateSize)) + Dense(c) + Output(c)) { LeavesPeftFiles = true },
        new("lora-olora", () => new Lora { Rank = 4, Initialization = LoraInitialization.Orthogonal, RankStabilized = true, Targets = QueryAndValue },
            c => c.PhysicalLayerCount * 4 * 2 * 2 * H(c) + Dense(c) + Output(c)) { LeavesPeftFiles = true },
        new("ia3", () => new Ia3(), c => c.PhysicalLayerCount * (2 * H(c) + c.IntermediateSize) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("ia3-all-linear", () => new Ia3 { Targets = AllLinear, InputTargets = TargetModules.FeedForwardOut | TargetModules.AttentionOutput },
            c => c.PhysicalLayerCount * (4 * H(c) + 2 * c.IntermediateSize) + H(c) + Output(c)) { HasPeftFiles = true },
        new("adalora", () => new AdaLora { InitialRank = 4, TargetRank = 2 },
            c => c.PhysicalLayerCount * 4 * (4 * 2 * H(c) + 2 * (H(c) + c.IntermediateSize) + 6) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("adalora-found", () => new AdaLora { InitialRank = 4, TargetRank = 2, Targets = TargetModules.Query, Layers = [0], RankPattern = new() { ["not.here"] = 1 }, TotalSteps = 10 },
            c => 4 * (2 * H(c) + 1) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("chain-of-lora", () => new ChainOfLora { Rank = 2 }, c => c.PhysicalLayerCount * 2 * 2 * 2 * H(c) + Dense(c) + Output(c)) { LeavesPeftFiles = true },
        new("svfit", () => new SvFit(), c => c.PhysicalLayerCount * 2 * H(c) + Dense(c) + Output(c)),
        new("svfit-few", () => new SvFit { Rank = 5, Targets = AllLinear }, c => c.PhysicalLayerCount * 6 * 5 + 5 + Output(c)),
        new("vera", () => new Vera { Rank = 12, Dropout = 0.2f }, c => c.PhysicalLayerCount * (5 * H(c) + c.IntermediateSize + 6 * 12) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("vera-without-projections", () => new Vera { Targets = QueryAndValue, SaveProjections = false, ProjectionSeed = 5 }, c => c.PhysicalLayerCount * 2 * (H(c) + 256) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("loha", () => new LoHa { Rank = 3, Alpha = 5 }, c => 2 * 3 * c.PhysicalLayerCount * (4 * 2 * H(c) + 2 * (H(c) + c.IntermediateSize)) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("loha-dropout", () => new LoHa { Targets = QueryAndValue, RankDropout = 0.1f }, c => c.PhysicalLayerCount * 2 * 2 * 8 * 2 * H(c) + Dense(c) + Output(c)) { HasPeftFiles = true },
        // Widths of 16 and 32 are 4 · 4 and 4 · 8.
        new("lokr", () => new LoKr { RankDropout = 0.1f }, c => c.PhysicalLayerCount * (6 * 16 + 4 * H(c) / 4 * H(c) / 4 + 2 * H(c) / 4 * c.IntermediateSize / 4) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("lokr-low-rank", () => new LoKr { Rank = 1, Alpha = 2, Targets = AllLinear },
            c => c.PhysicalLayerCount * (6 * 16 + 4 * 2 * H(c) / 4 + 2 * (H(c) + c.IntermediateSize) / 4) + 16 + 2 * H(c) / 4 + Output(c)) { HasPeftFiles = true },
        new("lokr-both", () => new LoKr { Rank = 1, DecomposeBoth = true, DecomposeFactor = 8, Targets = QueryAndValue }, c => c.PhysicalLayerCount * 2 * (2 * 8 + 2 * 2) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("oft", () => new Oft(), c => c.PhysicalLayerCount * (5 * H(c) * (H(c) - 1) / 2 + c.IntermediateSize * (c.IntermediateSize - 1) / 2) + Dense(c) + Output(c)) { HasPeftFiles = true, Families = TinyEncoder.Families },
        new("oft-small-blocks", () => new Oft { BlockSize = 4, Targets = AllLinear, ModuleDropout = 0.1f }, c => (c.PhysicalLayerCount * (5 * H(c) + c.IntermediateSize) + H(c)) / 4 * 6 + Output(c)) { HasPeftFiles = true },
        new("oft-shared", () => new Oft { BlockSize = 4, ShareBlocks = true }, c => c.PhysicalLayerCount * 6 * 6 + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("oft-series", () => new Oft { BlockCount = 2, NeumannTerms = 5, Targets = QueryAndValue }, c => c.PhysicalLayerCount * 2 * 2 * (H(c) / 2 * (H(c) / 2 - 1) / 2) + Dense(c) + Output(c)) { HasPeftFiles = true },
        new("dsee", () => new Dsee { Rank = 2, Alpha = 4, SparseCount = 20, Targets = TargetModules.AllLinear },
            c => c.PhysicalLayerCount * (2 * (4 * 2 * H(c) + 2 * (H(c) + c.IntermediateSize)) + 6 * 20) + Dense(c) + Output(c)),
        new("dsee-pruned", () => new Dsee { Rank = 2, PruneShare = 0.3f }, c => c.PhysicalLayerCount * 4 * (2 * 2 * H(c) + 64) + Dense(c) + Output(c)),
        new("dsee-pruned-units", () => new Dsee { Rank = 2, PruneShare = 0.25f, Pruning = PruningPattern.OutputUnits, Targets = TargetModules.FeedForwardIn },
            c => c.PhysicalLayerCount * (2 * (H(c) + c.IntermediateSize) + 64) + Dense(c) + Output(c)),
        new("autolora", () => new AutoLora { MaxRank = 4 }, c => c.PhysicalLayerCount * 2 * 4 * (2 * H(c) + 1) + Dense(c) + Output(c)) { LeavesPeftFiles = true },
        new("autolora-mean-rank", () => new AutoLora { MaxRank = 4, MeanRank = 2, SelectionLearningRate = 0.1f }, c => c.PhysicalLayerCount * 2 * 4 * (2 * H(c) + 1) + Dense(c) + Output(c)) { LeavesPeftFiles = true },
    ];
}
