using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Tests.Peft;

internal static partial class MethodCases
{
    /// <summary>Methods that choose which of the encoder's parameters train.</summary>
    private static IEnumerable<MethodCase> Selections =>
    [
        new("bitfit", () => new BitFit(), c => EncoderBiases(c) + Dense(c) + Output(c)),
        new("bitfit-query-and-ffn-in", () => new BitFit { Biases = BitFitBiases.QueryAndFeedForwardIn },
            c => c.PhysicalLayerCount * (H(c) + c.IntermediateSize) + Dense(c) + Output(c)),
        new("layer-norm", () => new LayerNormTuning(), c => Norms(c) + Dense(c) + Output(c)),
        new("layer-norm-subset", () => new LayerNormTuning { Subset = ["encoder.layers.0.ffn_norm.bias", "encoder.layers.0.attention_norm.weight"] },
            c => 2 * H(c) + Dense(c) + Output(c)),
        new("fpt", () => new Fpt(), c => Norms(c) + Words(c) + Places(c) + Dense(c) + Output(c)),
        new("fpt-words", () => new Fpt { PositionEmbeddings = false }, c => Norms(c) + Words(c) + Dense(c) + Output(c)),
        new("last-layers", () => new LastLayers { Layers = 1 }, c => Layer(c) + Dense(c) + Output(c)) { Refusal = SharesWeights },
        new("last-layers-all", () => new LastLayers { Share = 1 }, c => c.PhysicalLayerCount * Layer(c) + Dense(c) + Output(c)),
        // Of fewer than three layers none is frozen; TellyTests have more.
        new("telly", () => new Telly(), c => c.PhysicalLayerCount * Layer(c) + Dense(c) + Output(c)),
        // Biases of the first layer; of the second without query and value, which get updates of rank 2.
        new("spafit", () => new Spafit { FrozenLayers = 0, BiasLayers = 1, Rank = 2 },
            c => 2 * (7 * H(c) + c.IntermediateSize) - 2 * H(c) + 2 * 2 * 2 * H(c) + Dense(c) + Output(c)) { Refusal = SharesWeights },
        new("spafit-frozen", () => new Spafit { FrozenLayers = 1, BiasLayers = 0, Rank = 3, Targets = TargetModules.FeedForward, Dropout = 0.1f },
            c => 6 * H(c) + 3 * 2 * (H(c) + c.IntermediateSize) + Dense(c) + Output(c)) { Refusal = SharesWeights },
        new("sub-tuning", () => new SubTuning { Layers = [0] }, c => Layer(c) + Dense(c) + Output(c)),
        // One layer of two; the only one of ALBERT falls to the half that trains with this seed.
        new("half-of-layers", () => new HalfFineTuning { Level = HalfFineTuningLevel.Layer, Seed = 1 },
            c => Embeddings(c) + Layer(c) + Dense(c) + Output(c)) { SwitchesOff = false },
        // Seed 0 draws the first projection of each feed-forward network.
        new("half-of-categories", () => new HalfFineTuning { Embeddings = false },
            c => c.PhysicalLayerCount * (2 * (H(c) * H(c) + H(c)) + H(c) * c.IntermediateSize + c.IntermediateSize + 2 * H(c)) + Dense(c) + Output(c)) { SwitchesOff = false },
        new("half-in-rounds", () => new HalfFineTuning { Rounds = 40 }, c => Encoder(c) + Dense(c) + Output(c)) { SwitchesOff = false, FlatAfter = 100 },
        new("sparse-random", () => new SparseFineTuning { Mask = SparseMask.Random, Density = 0.1f },
            c => (long)Math.Round(0.1f * (double)(c.PhysicalLayerCount * Projections(c))) + Dense(c) + Output(c)),
        new("sparse-with-penalty", () => new SparseFineTuning { Mask = SparseMask.Random, L1 = 0.1 },
            c => (long)Math.Round(0.08f * (double)(c.PhysicalLayerCount * Projections(c))) + Dense(c) + Output(c)),
    ];

    private static string? SharesWeights(string family) => family == "albert" ? "shares its weights" : null;

    private static long Norms(EncoderConfig c) => 2 * c.EmbeddingSize + c.PhysicalLayerCount * 4 * H(c) + (c.Disentangled is null ? 0 : 2 * H(c));

    private static long Words(EncoderConfig c) =>
        (c.VocabularySize + c.TokenTypeCount) * (long)c.EmbeddingSize + (c.EmbeddingSize == c.HiddenSize ? 0 : c.EmbeddingSize * H(c) + H(c));

    private static long Places(EncoderConfig c) => c.PositionRows * (long)c.EmbeddingSize + c.RelativeBuckets * c.HeadCount + (c.Disentangled is { } d ? 2 * d.Span * H(c) : 0);

    private static long Projections(EncoderConfig c) => 4 * (H(c) * H(c) + H(c)) + 2 * H(c) * c.IntermediateSize + H(c) + c.IntermediateSize;

    private static long Layer(EncoderConfig c) => Projections(c) + 4 * H(c);

    private static long Embeddings(EncoderConfig c) => Encoder(c) - c.PhysicalLayerCount * Layer(c);
}
