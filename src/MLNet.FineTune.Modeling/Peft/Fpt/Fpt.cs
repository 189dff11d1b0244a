using MLNet.FineTune.Encoders;
using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// Frozen pretrained transformer: attention and feed-forward networks stay as they are; LayerNorms, the embeddings of input and
/// positions, and the head train (Lu et al. 2021, "Pretrained Transformers as Universal Computation Engines", arXiv 2103.05247).
/// For texts unlike those of the pretraining: codes, logs, another script.
/// </summary>
[PeftMethodName("fpt")]
public sealed record Fpt : PeftMethod
{
    private const string Embeddings = "encoder.embeddings.";

    /// <summary>Whether word and segment embeddings train, the input layer of the paper. They are most of the weights that are saved.</summary>
    /// <value>True.</value>
    [BooleanChoice(true)]
    public bool InputEmbeddings { get; set; } = true;

    /// <summary>Whether position embeddings train, absolute and relative ones.</summary>
    /// <value>True.</value>
    [BooleanChoice(true)]
    public bool PositionEmbeddings { get; set; } = true;

    internal override double DefaultLearningRate => 1e-3;

    /// <summary>Embeddings train: what small added modules stand would be too much for them.</summary>
    internal override double DefaultLearningRateFor(EncoderConfig encoder) => DefaultLearningRate;

    internal override void Apply(PeftContext context) => context.Train(name =>
        ParameterNames.IsNorm(name) || (InputEmbeddings && IsInput(name)) || (PositionEmbeddings && IsPosition(name)));

    private static bool IsInput(string name) => name.StartsWith(Embeddings, StringComparison.Ordinal) && !IsPosition(name);

    private static bool IsPosition(string name) =>
        name.StartsWith(Embeddings + "position.", StringComparison.Ordinal) || name.StartsWith("encoder.relative_", StringComparison.Ordinal);
}
