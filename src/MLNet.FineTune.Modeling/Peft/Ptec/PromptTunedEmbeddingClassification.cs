using System.Text.Json.Nodes;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// PTEC: a soft prompt and a classification head on the embedding of the prompted text, trained together at rates of their own,
/// the head more slowly (Buchner et al. 2023, "Prompt Tuned Embedding Classification for Multi-Label Industry Sector
/// Allocation", arXiv 2309.12075).
/// </summary>
[PeftMethodName("ptec")]
public sealed record PromptTunedEmbeddingClassification : PeftMethod
{
    /// <summary>How many vectors the prompt has; the longest text is so many tokens shorter.</summary>
    /// <value>20. The authors' programs begin with 100 and search up to 200.</value>
    [Range(1, 200, init: 20, logBase: true)]
    public int Length { get; set; } = 20;

    /// <summary>The rate of the head as a share of that of the prompt, which the training's learning rate is.</summary>
    /// <value>0.1. The authors search both rates for each model; their programs begin with 3e-3 and 1e-5, for heads on models of billions of weights.</value>
    [Range(0.003f, 1f, init: 0.1f, logBase: true)]
    public float HeadLearningRateFactor { get; set; } = 0.1f;

    /// <summary>What the prompt begins as.</summary>
    /// <value><see cref="PromptInitialization.Vocabulary"/>. The authors begin with the names of the classes: <see cref="PromptInitialization.Text"/>.</value>
    [Choice(PromptInitialization.Vocabulary, PromptInitialization.Random)]
    public PromptInitialization Initialization { get; set; } = PromptInitialization.Vocabulary;

    /// <inheritdoc cref="PromptTuning.InitialText"/>
    public string? InitialText { get; set; }

    /// <inheritdoc cref="PromptTuning.InitialTokens"/>
    public int[]? InitialTokens { get; set; }

    internal override double DefaultLearningRate => 3e-3;

    internal override int ReservedLength => Length;

    internal override bool NeedsPreparation => Initialization == PromptInitialization.Text && InitialTokens is null;

    internal override void Validate()
    {
        PromptOptions.CheckLength(nameof(PromptTunedEmbeddingClassification), nameof(Length), Length);
        OptionRange.Positive(nameof(PromptTunedEmbeddingClassification), HeadLearningRateFactor);
        PromptText.Check(nameof(PromptTunedEmbeddingClassification), Initialization, InitialText, InitialTokens);
    }

    internal override PeftMethod Prepare(PeftPreparation preparation) =>
        this with { InitialTokens = PromptText.Tokens(nameof(PromptTunedEmbeddingClassification), InitialText!, preparation) };

    internal override void Apply(PeftContext context)
    {
        PromptOptions.CheckRoom(nameof(PromptTunedEmbeddingClassification), nameof(Length), Length, context);
        SoftPrompts.Place(context, new PromptTable(PromptStart.Prompt(context.Encoder, Length, Initialization, InitialTokens)));
    }

    internal override double LearningRateScale(AdapterParameter parameter) => parameter.Base ? HeadLearningRateFactor : 1;

    internal override string FileName(AdapterParameter parameter, CheckpointNames names) => PromptFiles.Name(parameter, names);

    // For peft it is a prompt and a classifier: its files are read as those of PromptTuning, which computes the same.
    internal override JsonObject WriteAdapterConfig(PeftAdapter adapter) => SoftPrompts.WriteConfig(adapter, Length);
}
