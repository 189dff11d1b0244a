using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Pretraining;

/// <summary>Predicts tokens from a text's embedding. The output matrix is the word embedding table.</summary>
internal abstract class VocabularyHead : Part
{
    private readonly AdaptableLinear? _projection;
    private readonly Func<Tensor> _wordEmbeddings;

    /// <param name="name">What the head is called.</param>
    /// <param name="encoder">Has the word embeddings.</param>
    /// <param name="project">Whether embeddings go through a linear layer first.</param>
    protected VocabularyHead(string name, TransformerEncoder encoder, bool project) : base(name)
    {
        EncoderConfig config = encoder.Config;
        Parameter embeddings = encoder.Embeddings.Word.Weight;
        _wordEmbeddings = () => embeddings;
        Bias = new Parameter(torch.zeros(config.VocabularySize, device: config.Device));
        Register("bias", Bias);
        if (!project)
            return;
        _projection = new AdaptableLinear(TargetModules.None, null, config.HiddenSize, config.EmbeddingSize, config.Device);
        Initialization.Normal(_projection, config.InitializerRange);
        Register("projection", _projection);
    }

    public Parameter Bias { get; }

    /// <summary>The loss of some texts.</summary>
    /// <param name="embeddings">float32 [n, hidden].</param>
    /// <param name="texts">The tokens of each text, special ones first and last, which do not count.</param>
    /// <param name="computeType">Of the product with the vocabulary.</param>
    public abstract Tensor Loss(Tensor embeddings, IReadOnlyList<int[]> texts, ScalarType computeType);

    /// <summary>The logarithm of each token's probability, float32 [n, vocabulary].</summary>
    protected Tensor LogProbabilities(Tensor embeddings, ScalarType computeType)
    {
        Tensor input = _projection is null ? embeddings : _projection.Forward(embeddings);
        Tensor logits = functional.linear(input.to(computeType), _wordEmbeddings().to(computeType), Bias.to(computeType)).to(ScalarType.Float32);
        return functional.log_softmax(logits, dim: 1);
    }
}
