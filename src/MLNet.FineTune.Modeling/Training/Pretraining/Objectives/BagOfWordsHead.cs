using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Pretraining;

/// <summary>Predicts from a text's embedding which tokens the text has (Ma et al. 2024, arXiv 2401.11248). The output matrix is the word embedding table.</summary>
internal sealed class BagOfWordsHead : Part
{
    private readonly AdaptableLinear? _projection;
    private readonly Func<Tensor> _wordEmbeddings;

    public BagOfWordsHead(TransformerEncoder encoder) : base(nameof(BagOfWordsHead))
    {
        EncoderConfig config = encoder.Config;
        Parameter embeddings = encoder.Embeddings.Word.Weight;
        _wordEmbeddings = () => embeddings;
        Bias = new Parameter(torch.zeros(config.VocabularySize, device: config.Device));
        Register("bias", Bias);
        if (config.EmbeddingSize == config.HiddenSize)
            return;
        _projection = new AdaptableLinear(TargetModules.None, null, config.HiddenSize, config.EmbeddingSize, config.Device);
        Initialization.Normal(_projection, config.InitializerRange);
        Register("projection", _projection);
    }

    public Parameter Bias { get; }

    /// <summary>The mean over texts of the mean negative log-probability of the text's distinct tokens.</summary>
    /// <param name="embeddings">float32 [n, hidden].</param>
    /// <param name="texts">The tokens of each text, special ones first and last, which do not count.</param>
    /// <param name="computeType">Of the product with the vocabulary.</param>
    public Tensor Loss(Tensor embeddings, IReadOnlyList<int[]> texts, ScalarType computeType)
    {
        Tensor input = _projection is null ? embeddings : _projection.Forward(embeddings);
        Tensor logits = functional.linear(input.to(computeType), _wordEmbeddings().to(computeType), Bias.to(computeType)).to(ScalarType.Float32);
        Tensor scores = functional.log_softmax(logits, dim: 1);
        long vocabulary = scores.size(1);
        var places = new List<long>();
        var weights = new List<float>();
        for (int row = 0; row < texts.Count; row++)
        {
            int[] distinct = [.. texts[row][1..^1].Distinct()];
            places.AddRange(distinct.Select(id => row * vocabulary + id));
            weights.AddRange(Enumerable.Repeat(1f / distinct.Length, distinct.Length));
        }
        Tensor chosen = scores.flatten().index_select(0, tensor(places.ToArray(), device: scores.device));
        return -(chosen * tensor(weights.ToArray(), device: scores.device)).sum().Div(texts.Count);
    }
}
