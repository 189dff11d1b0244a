using MLNet.FineTune.Encoders;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

internal static partial class MethodCases
{
    private const int Vectors = 4;

    /// <summary>Prompts and prefixes.</summary>
    private static IEnumerable<MethodCase> Prompts =>
    [
        Prompt("prefix-tuning", () => new PrefixTuning { Length = Vectors, ProjectionHiddenSize = 24 },
            c => Vectors * H(c) + Linear(H(c), 24) + Linear(24, 2 * c.LayerCount * H(c))) with { LeavesPeftFiles = true },
        Prompt("prefix-tuning-direct", () => new PrefixTuning { Length = Vectors, Projection = false, Dropout = 0.1f }, Prefix) with { HasPeftFiles = true, Families = TinyEncoder.Families },
        Prompt("prefix-tuning-vocabulary", () => new PrefixTuning { Length = Vectors, Projection = false, Initialization = PromptInitialization.Vocabulary }, Prefix) with { HasPeftFiles = true },
        Prompt("p-tuning-v2", () => new PTuningV2 { Length = Vectors }, Prefix) with { HasPeftFiles = true, Families = TinyEncoder.Families },
        Prompt("p-tuning-v2-projection", () => new PTuningV2 { Length = Vectors, Projection = true, ProjectionHiddenSize = 8, Dropout = 0 },
            c => Vectors * H(c) + Linear(H(c), 8) + Linear(8, 2 * c.LayerCount * H(c))) with { LeavesPeftFiles = true },
        InputPrompt("prompt-tuning", () => new PromptTuning { Length = Vectors }, c => Vectors * c.EmbeddingSize) with { HasPeftFiles = true, Families = TinyEncoder.Families },
        InputPrompt("prompt-tuning-tokens", () => new PromptTuning { Length = 6, Initialization = PromptInitialization.Text, InitialTokens = [7, 8, 9, 7] }, c => 6 * c.EmbeddingSize) with { HasPeftFiles = true },
        InputPrompt("ptec", () => new PromptTunedEmbeddingClassification { Length = Vectors, Initialization = PromptInitialization.Random, HeadLearningRateFactor = 0.5f }, c => Vectors * c.EmbeddingSize) with { HasPeftFiles = true },
        InputPrompt("p-tuning", () => new PTuning { Length = Vectors, EncoderHiddenSize = 24 },
            c => Vectors * c.EmbeddingSize + Linear(c.EmbeddingSize, 24) + Linear(24, 24) + Linear(24, c.EmbeddingSize)) with { LeavesPeftFiles = true },
        InputPrompt("p-tuning-lstm", () => new PTuning { Length = Vectors, Encoder = PromptEncoder.Lstm, EncoderHiddenSize = 8, EncoderDropout = 0.1f },
            c => Vectors * c.EmbeddingSize + 2 * Gates(c.EmbeddingSize, 8) + 2 * Gates(16, 8) + Linear(16, 16) + Linear(16, c.EmbeddingSize)) with { LeavesPeftFiles = true },
        InputPrompt("ept", () => new EfficientPromptTuning { Length = Vectors, Rank = 3, Positions = 10, Spaces = 2, SpaceSize = 5 },
            c => Vectors * c.EmbeddingSize + 3 * (10 + c.EmbeddingSize) + Linear(c.EmbeddingSize, 2) + 2 * 2 * 5 * c.EmbeddingSize) with { Families = TinyEncoder.Families },
    ];

    /// <summary>What stands before a text is no change of a weight, and changes what is computed from the start.</summary>
    private static MethodCase Prompt(string name, Func<PeftMethod> create, Func<EncoderConfig, long> own) =>
        new(name, create, c => own(c) + Dense(c) + Output(c)) { IdentityAtInitialization = false, Mergeable = false };

    /// <summary>From the input alone, below layers of random weights, it learns more slowly.</summary>
    private static MethodCase InputPrompt(string name, Func<PeftMethod> create, Func<EncoderConfig, long> own) => Prompt(name, create, own) with { Steps = 120 };

    private static long Prefix(EncoderConfig c) => Vectors * 2 * c.LayerCount * H(c);

    private static long Linear(long inputs, long outputs) => inputs * outputs + outputs;

    /// <summary>One direction of an LSTM layer: four gates, each of the input, the state and two biases.</summary>
    private static long Gates(long inputs, long hidden) => 4 * (inputs * hidden + hidden * hidden + 2 * hidden);
}
