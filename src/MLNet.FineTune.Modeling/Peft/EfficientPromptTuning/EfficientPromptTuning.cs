using System.Text.Json.Serialization;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// EPT: in place of a long soft prompt a short one, and a low-rank change of the word embeddings by their place in the text. The
/// short prompt is enriched by attention to that change (prompt fusion) and by projections into several spaces that a gate
/// weighs (multi-space projection); both are folded into it after training (Lan et al. 2024, "Efficient Prompt Tuning by
/// Multi-Space Projection and Prompt Fusion", arXiv 2405.11464).
/// </summary>
/// <remarks>
/// The parts and what they read are the paper's: of the prompt only the short one stands before the text, the low-rank matrices change the words, fusion attends from the one to the other,
/// and a gate weighs the spaces. Their inner form is this library's, for no program of the authors' is known: attention has no weights of its own, a space is two linear maps with ReLU between
/// them, the results are added to the prompt, and sizes suit small encoders.
/// </remarks>
[PeftMethodName("ept")]
public sealed record EfficientPromptTuning : PeftMethod
{
    private const int MaxSpaces = 64;

    /// <summary>How many vectors the prompt has; the longest text is so many tokens shorter.</summary>
    /// <value>20.</value>
    [Range(1, 100, init: 20, logBase: true)]
    public int Length { get; set; } = 20;

    /// <summary>Rank of the change of the word embeddings.</summary>
    /// <value>16.</value>
    [Range(1, 64, init: 16, logBase: true)]
    public int Rank { get; set; } = 16;

    /// <summary>How many of the first tokens of a text are changed; at most the longest text the encoder takes.</summary>
    /// <value>256, the length of texts in the paper.</value>
    public int Positions { get; set; } = 256;

    /// <summary>Spaces the prompt is projected into.</summary>
    /// <value>4.</value>
    [Range(1, 8, init: 4)]
    public int Spaces { get; set; } = 4;

    /// <summary>Width of each space.</summary>
    /// <value>16.</value>
    [Range(4, 128, init: 16, logBase: true)]
    public int SpaceSize { get; set; } = 16;

    /// <summary>The rate of the low-rank change as a share of that of the prompt, which the training's learning rate is.</summary>
    /// <value>0.1: as the method that EPT builds on has it, the change learns more slowly (Shi and Lipani 2023, arXiv 2309.05173).</value>
    [Range(0.003f, 1f, init: 0.1f, logBase: true)]
    public float LowRankLearningRateFactor { get; set; } = 0.1f;

    /// <summary>What the prompt begins as: random numbers, or words drawn from the vocabulary.</summary>
    /// <value><see cref="PromptInitialization.Vocabulary"/>.</value>
    [Choice(PromptInitialization.Vocabulary, PromptInitialization.Random)]
    public PromptInitialization Initialization { get; set; } = PromptInitialization.Vocabulary;

    /// <summary>Whether fusion and projection have done their work, and the prompt they made trains and is saved in their place.</summary>
    [JsonInclude]
    internal bool Finished { get; init; }

    internal override double DefaultLearningRate => 5e-3;

    internal override int ReservedLength => Length;

    internal override void Validate()
    {
        PromptOptions.CheckLength(nameof(EfficientPromptTuning), nameof(Length), Length);
        PromptOptions.CheckLength(nameof(EfficientPromptTuning), nameof(Positions), Positions);
        PromptOptions.CheckWidth(nameof(EfficientPromptTuning), nameof(Rank), Rank);
        PromptOptions.CheckWhole(nameof(EfficientPromptTuning), nameof(Spaces), Spaces, MaxSpaces);
        PromptOptions.CheckWidth(nameof(EfficientPromptTuning), nameof(SpaceSize), SpaceSize);
        OptionRange.Positive(nameof(EfficientPromptTuning), LowRankLearningRateFactor);
        if (Initialization is not (PromptInitialization.Random or PromptInitialization.Vocabulary))
            throw new ArgumentException($"{nameof(EfficientPromptTuning)}.{nameof(Initialization)} is {Initialization}; expected {PromptInitialization.Random} or {PromptInitialization.Vocabulary}.");
    }

    internal override void Apply(PeftContext context)
    {
        PromptOptions.CheckRoom(nameof(EfficientPromptTuning), nameof(Length), Length, context);
        Tensor start = PromptStart.Prompt(context.Encoder, Length, Initialization, tokens: null);
        int positions = Math.Min(Positions, context.Encoder.Config.MaxLength - Length);
        context.Place(SoftPrompt.Path, context.Encoder.Embeddings.Site, new DecomposedPrompt(start, positions, Rank, Finished ? null : (Spaces, SpaceSize)));
    }

    internal override double LearningRateScale(AdapterParameter parameter) =>
        parameter.Name is $"{SoftPrompt.Path}.{DecomposedPrompt.LowRankA}" or $"{SoftPrompt.Path}.{DecomposedPrompt.LowRankB}" ? LowRankLearningRateFactor : 1;

    internal override FinishedMethod? Finish(PeftAdapter adapter)
    {
        if (Finished)
            return null;
        var prompt = (DecomposedPrompt)adapter.Placed.Single().Module;
        return new FinishedMethod(this with { Finished = true }, prompt.Finished().ToDictionary(value => $"{SoftPrompt.Path}.{value.Key}", value => value.Value));
    }

    internal override string FileName(AdapterParameter parameter, CheckpointNames names) => PromptFiles.Name(parameter, names);
}
