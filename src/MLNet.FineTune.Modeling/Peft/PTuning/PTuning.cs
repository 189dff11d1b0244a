using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;
using static TorchSharp.torch;

namespace MLNet.FineTune;

/// <summary>
/// P-tuning: a soft prompt that a small network makes while it trains, so that its vectors depend on each other; afterwards only
/// what it made is kept (Liu et al. 2021, "GPT Understands, Too", arXiv 2103.10385). As in Python's peft, all of the prompt
/// stands before the text.
/// </summary>
[PeftMethodName("p-tuning")]
public sealed record PTuning : PeftMethod
{
    /// <summary>Deeper networks than any use, and a damaged file must not make us build more.</summary>
    private const int MaxLayers = 16;

    /// <summary>How many vectors the prompt has; the longest text is so many tokens shorter.</summary>
    /// <value>20, as in peft's examples.</value>
    [Range(1, 100, init: 20, logBase: true)]
    public int Length { get; set; } = 20;

    /// <summary>The network.</summary>
    /// <value><see cref="PromptEncoder.Mlp"/>, as in peft; the paper tries both and an LSTM first.</value>
    [Choice(PromptEncoder.Mlp, PromptEncoder.Lstm)]
    public PromptEncoder Encoder { get; set; } = PromptEncoder.Mlp;

    /// <summary>Width of the network's hidden layers; an LSTM has as much in each direction.</summary>
    /// <value>128, as in peft's examples.</value>
    [Range(32, 1024, init: 128, logBase: true)]
    public int EncoderHiddenSize { get; set; } = 128;

    /// <summary>Hidden layers of the network, or layers of the LSTM.</summary>
    /// <value>2, as many as peft's network always has.</value>
    [Range(1, 4, init: 2)]
    public int EncoderLayers { get; set; } = 2;

    /// <summary>Probability of dropout between the layers of the LSTM, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float EncoderDropout { get; set; }

    /// <inheritdoc cref="PrefixTuning.Finished"/>
    [JsonInclude]
    internal bool Finished { get; init; }

    internal override double DefaultLearningRate => 1e-3;

    internal override int ReservedLength => Length;

    internal override string PeftType => PTuningAdapterConfig.Type;

    internal override void Validate()
    {
        PromptOptions.CheckLength(nameof(PTuning), nameof(Length), Length);
        PromptOptions.CheckWidth(nameof(PTuning), nameof(EncoderHiddenSize), EncoderHiddenSize);
        PromptOptions.CheckWhole(nameof(PTuning), nameof(EncoderLayers), EncoderLayers, MaxLayers);
        OptionRange.Share(nameof(PTuning), EncoderDropout);
        if (Encoder is not (PromptEncoder.Mlp or PromptEncoder.Lstm))
            throw new ArgumentException($"{nameof(PTuning)}.{nameof(Encoder)} is {Encoder}; expected {PromptEncoder.Mlp} or {PromptEncoder.Lstm}.");
    }

    internal override void Apply(PeftContext context)
    {
        PromptOptions.CheckRoom(nameof(PTuning), nameof(Length), Length, context);
        SoftPrompts.Place(context, Vectors(context.Encoder.Config.EmbeddingSize, context.Encoder.Embeddings.Word.Weight.device));
    }

    private PromptVectors Vectors(int width, Device device) =>
        Finished ? new PromptTable(randn(Length, width, device: device))
        : Encoder == PromptEncoder.Lstm ? new PromptLstm(Length, width, EncoderHiddenSize, EncoderLayers, EncoderDropout, device)
        : new PromptNetwork(Length, [width, .. Enumerable.Repeat(EncoderHiddenSize, EncoderLayers), width], Activation.Relu, device);

    internal override FinishedMethod? Finish(PeftAdapter adapter)
    {
        if (Finished)
            return null;
        // Dropout is none of what the network has come to make.
        adapter.Train(false);
        return SoftPrompts.Finish(adapter, this with { Finished = true });
    }

    internal override string FileName(AdapterParameter parameter, CheckpointNames names) => PromptFiles.Name(parameter, names);

    internal override JsonObject? WriteAdapterConfig(PeftAdapter adapter) => Finished ? PTuningAdapterConfig.Write(this, adapter) : null;

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location) => PTuningAdapterConfig.Read(json, location);
}
