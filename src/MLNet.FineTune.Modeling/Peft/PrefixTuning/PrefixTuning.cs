using MLNet.FineTune.Encoders;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Prefix-tuning: every layer, or some, attend to trained keys and values besides those of the text. While they train, a network makes
/// them of a smaller table, which keeps the training stable; afterwards only what it made is kept (Li and Liang 2021,
/// "Prefix-Tuning: Optimizing Continuous Prompts for Generation", arXiv 2101.00190).
/// </summary>
[PeftMethodName("prefix-tuning")]
public sealed record PrefixTuning : PeftMethod
{
    /// <summary>How many keys and values every layer gets.</summary>
    /// <remarks>BERT, RoBERTa and ELECTRA count the positions of a text on from the prefix, as in Python, which takes as many tokens off the longest text.</remarks>
    /// <value>30. The paper takes 10 to 200, by the task.</value>
    [Range(1, 200, init: 30, logBase: true)]
    public int Length { get; set; } = 30;

    /// <summary>Whether a network of two layers with tanh between them makes the prefix while it trains.</summary>
    /// <value>True, as in the paper.</value>
    [BooleanChoice(true)]
    public bool Projection { get; set; } = true;

    /// <summary>Width of the hidden layer of that network.</summary>
    /// <value>512, as in the paper.</value>
    [Range(32, 1024, init: 512, logBase: true)]
    public int ProjectionHiddenSize { get; set; } = 512;

    /// <summary>What a prefix that no network makes begins with: random numbers, or the keys and values of words.</summary>
    /// <value><see cref="PromptInitialization.Random"/>. The paper finds words better where examples are few.</value>
    [Choice(PromptInitialization.Random, PromptInitialization.Vocabulary)]
    public PromptInitialization Initialization { get; set; } = PromptInitialization.Random;

    /// <summary>Probability of dropout on keys and values, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    /// <summary>The physical layers that get a prefix, counted from zero; null for all. With some only, no file for Python's peft is written, which knows prefixes of all layers.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    /// <summary>Whether the network has done its work, and its result trains and is saved in its place.</summary>
    [JsonInclude]
    internal bool Finished { get; init; }

    internal override double DefaultLearningRate => Networked ? 1e-3 : 5e-3;

    /// <summary>The network that makes the vectors is of one size whatever the encoder's.</summary>
    internal override double DefaultLearningRateFor(EncoderConfig encoder) => Networked ? DefaultLearningRate : base.DefaultLearningRateFor(encoder);

    internal override int ReservedLength => Length;

    internal override string PeftType => PrefixAdapterConfig.Type;

    private bool Networked => Projection && !Finished;

    internal override void Validate()
    {
        PromptOptions.CheckLength(nameof(PrefixTuning), nameof(Length), Length);
        PromptOptions.CheckWidth(nameof(PrefixTuning), nameof(ProjectionHiddenSize), ProjectionHiddenSize);
        OptionRange.Share(nameof(PrefixTuning), Dropout);
        Prefixes.CheckInitialization(nameof(PrefixTuning), Initialization, Networked);
    }

    internal override void Apply(PeftContext context)
    {
        PromptOptions.CheckRoom(nameof(PrefixTuning), nameof(Length), Length, context);
        Prefixes.Place(context, Length, Networked ? ProjectionHiddenSize : null, Initialization, Dropout, Layers);
    }

    internal override FinishedMethod? Finish(PeftAdapter adapter) => Networked ? Prefixes.Finish(adapter, this with { Finished = true }) : null;

    internal override string FileName(AdapterParameter parameter, CheckpointNames names) => PromptFiles.Name(parameter, names);

    internal override JsonObject? WriteAdapterConfig(PeftAdapter adapter) =>
        Networked || Layers is not null ? null : PrefixAdapterConfig.Write(adapter, Length, Projection, ProjectionHiddenSize);

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location) => PrefixAdapterConfig.Read(json, location);
}
