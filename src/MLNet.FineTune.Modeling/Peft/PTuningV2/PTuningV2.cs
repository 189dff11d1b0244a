using MLNet.FineTune.Encoders;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// P-tuning v2: a prefix of trained keys and values in every layer, made for understanding rather than generation: trained
/// directly, with dropout, below a classifier or a tagger (Liu et al. 2021, "P-Tuning v2: Prompt Tuning Can Be Comparable to
/// Fine-tuning Universally Across Scales and Tasks", arXiv 2110.07602).
/// </summary>
[PeftMethodName("p-tuning-v2")]
public sealed record PTuningV2 : PeftMethod
{
    /// <summary>How many keys and values every layer gets.</summary>
    /// <inheritdoc cref="PrefixTuning.Length" path="/remarks"/>
    /// <value>20: the paper finds less than 20 enough for simple classification, and around 100 right for tagging.</value>
    [Range(1, 200, init: 20, logBase: true)]
    public int Length { get; set; } = 20;

    /// <summary>Whether a network of two layers with tanh between them makes the prefix while it trains.</summary>
    /// <value>False: the paper finds that it helps some tasks and harms others.</value>
    [BooleanChoice(false)]
    public bool Projection { get; set; }

    /// <summary>Width of the hidden layer of that network.</summary>
    /// <value>512.</value>
    [Range(32, 1024, init: 512, logBase: true)]
    public int ProjectionHiddenSize { get; set; } = 512;

    /// <summary>What a prefix that no network makes begins with: random numbers, or the keys and values of words.</summary>
    /// <value><see cref="PromptInitialization.Random"/>, as in the paper.</value>
    [Choice(PromptInitialization.Random, PromptInitialization.Vocabulary)]
    public PromptInitialization Initialization { get; set; } = PromptInitialization.Random;

    /// <summary>Probability of dropout on keys and values, while training.</summary>
    /// <value>0.1, as in the authors' programs.</value>
    [Range(0f, 0.5f, init: 0.1f)]
    public float Dropout { get; set; } = 0.1f;

    /// <inheritdoc cref="PrefixTuning.Finished"/>
    [JsonInclude]
    internal bool Finished { get; init; }

    internal override double DefaultLearningRate => Networked ? 1e-3 : 5e-3;

    /// <summary>The network that makes the vectors is of one size whatever the encoder's.</summary>
    internal override double DefaultLearningRateFor(EncoderConfig encoder) => Networked ? DefaultLearningRate : base.DefaultLearningRateFor(encoder);

    internal override int ReservedLength => Length;

    private bool Networked => Projection && !Finished;

    internal override void Validate()
    {
        PromptOptions.CheckLength(nameof(PTuningV2), nameof(Length), Length);
        PromptOptions.CheckWidth(nameof(PTuningV2), nameof(ProjectionHiddenSize), ProjectionHiddenSize);
        OptionRange.Share(nameof(PTuningV2), Dropout);
        Prefixes.CheckInitialization(nameof(PTuningV2), Initialization, Networked);
    }

    internal override void Apply(PeftContext context)
    {
        PromptOptions.CheckRoom(nameof(PTuningV2), nameof(Length), Length, context);
        Prefixes.Place(context, Length, Networked ? ProjectionHiddenSize : null, Initialization, Dropout);
    }

    internal override FinishedMethod? Finish(PeftAdapter adapter) => Networked ? Prefixes.Finish(adapter, this with { Finished = true }) : null;

    internal override string FileName(AdapterParameter parameter, CheckpointNames names) => PromptFiles.Name(parameter, names);

    // For peft a prefix is a prefix: its files are read as those of PrefixTuning, which computes the same.
    internal override JsonObject? WriteAdapterConfig(PeftAdapter adapter) =>
        Networked ? null : PrefixAdapterConfig.Write(adapter, Length, Projection, ProjectionHiddenSize);
}
