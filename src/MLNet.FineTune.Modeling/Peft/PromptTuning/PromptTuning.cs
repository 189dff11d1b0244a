using System.Text.Json.Nodes;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Prompt tuning: trained vectors before the word embeddings of every text, and nothing else below the classifier (Lester et
/// al. 2021, "The Power of Scale for Parameter-Efficient Prompt Tuning", arXiv 2104.08691). Small encoders learn less this way
/// than with a prefix in every layer.
/// </summary>
[PeftMethodName("prompt-tuning")]
public sealed record PromptTuning : PeftMethod
{
    /// <summary>How many vectors the prompt has; the longest text is so many tokens shorter.</summary>
    /// <value>20. The paper uses 100 and finds little gained beyond 20.</value>
    [Range(1, 100, init: 20, logBase: true)]
    public int Length { get; set; } = 20;

    /// <summary>What the prompt begins as.</summary>
    /// <value><see cref="PromptInitialization.Vocabulary"/>; with the names of the classes as <see cref="PromptInitialization.Text"/> the paper does best.</value>
    [Choice(PromptInitialization.Vocabulary, PromptInitialization.Random)]
    public PromptInitialization Initialization { get; set; } = PromptInitialization.Vocabulary;

    /// <summary>The text of <see cref="PromptInitialization.Text"/>.</summary>
    /// <value>Null.</value>
    public string? InitialText { get; set; }

    /// <summary>The same as token ids of the encoder; in place of <see cref="InitialText"/>, or set from it when training begins.</summary>
    /// <value>Null.</value>
    public int[]? InitialTokens { get; set; }

    internal override double DefaultLearningRate => 5e-3;

    internal override int ReservedLength => Length;

    internal override bool NeedsPreparation => Initialization == PromptInitialization.Text && InitialTokens is null;

    internal override string PeftType => SoftPrompts.Type;

    internal override void Validate()
    {
        PromptOptions.CheckLength(nameof(PromptTuning), nameof(Length), Length);
        PromptText.Check(nameof(PromptTuning), Initialization, InitialText, InitialTokens);
    }

    internal override PeftMethod Prepare(PeftPreparation preparation) =>
        this with { InitialTokens = PromptText.Tokens(nameof(PromptTuning), InitialText!, preparation) };

    internal override void Apply(PeftContext context)
    {
        PromptOptions.CheckRoom(nameof(PromptTuning), nameof(Length), Length, context);
        SoftPrompts.Place(context, new PromptTable(PromptStart.Prompt(context.Encoder, Length, Initialization, InitialTokens)));
    }

    internal override string FileName(AdapterParameter parameter, CheckpointNames names) => PromptFiles.Name(parameter, names);

    internal override JsonObject WriteAdapterConfig(PeftAdapter adapter) => SoftPrompts.WriteConfig(adapter, Length);

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location) => SoftPrompts.ReadConfig(json, location);
}
