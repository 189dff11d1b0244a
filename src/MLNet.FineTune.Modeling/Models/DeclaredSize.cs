using System.Globalization;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Models;

/// <summary>Compares what a configuration declares with what its files hold, before anything of the declared size is allocated.</summary>
internal static class DeclaredSize
{
    // Below this a wrong configuration does no harm, and the list of tensors that do not fit says more.
    private const double Harmless = 1 << 22;

    /// <summary>A configuration may ask for twice what is stored (a model saved without a part) and still be told tensor by tensor what is missing.</summary>
    private const double Slack = 2;

    /// <exception cref="InvalidDataException">The configuration describes a far larger encoder than the weights are of.</exception>
    public static void CheckEncoder(EncoderConfig config, ITensorSource weights) => Check(LeastParameters(config), "an encoder", weights);

    /// <exception cref="InvalidDataException">The head would have more parameters than its file holds.</exception>
    public static void CheckHead(int classCount, EncoderConfig config, ITensorSource weights) => Check((double)classCount * config.HiddenSize, $"a head of {classCount} classes", weights);

    private static void Check(double declared, string what, ITensorSource weights)
    {
        double stored = weights.Tensors.Values.Sum(info => info.Shape.Aggregate(1.0, (product, dimension) => product * dimension));
        if (declared > Harmless && declared > Slack * stored)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{weights.Location}: the configuration asks for {what} of at least {declared:N0} parameters, the weights have {stored:N0}; they are of different models."));
    }

    /// <summary>Embeddings and the matrices of the layers; as floating point, because the product of damaged numbers overflows.</summary>
    private static double LeastParameters(EncoderConfig config)
    {
        double embeddings = (double)config.EmbeddingSize * ((double)config.VocabularySize + config.PositionRows + config.TokenTypeCount);
        double layer = (double)config.HiddenSize * (4.0 * config.HiddenSize + 2.0 * config.IntermediateSize);
        double relative = (double)config.RelativeBuckets * config.HeadCount + 2.0 * (config.Disentangled?.Span ?? 0) * config.HiddenSize;
        return embeddings + layer * config.PhysicalLayerCount + relative;
    }
}
