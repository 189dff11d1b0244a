using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Heads;

/// <summary>Predicts the token at every position; the output matrix is the word embedding table (Devlin et al. 2018, arXiv 1810.04805).</summary>
internal class MaskedLanguageModelHead : Head
{
    private readonly Activation _activation;
    private readonly Func<Tensor> _wordEmbeddings;

    public MaskedLanguageModelHead(TransformerEncoder encoder, Activation activation) : base(nameof(MaskedLanguageModelHead))
    {
        EncoderConfig config = encoder.Config;
        _activation = activation;
        Parameter embeddings = encoder.Embeddings.Word.Weight;
        _wordEmbeddings = () => embeddings;
        Dense = new AdaptableLinear(TargetModules.None, null, config.HiddenSize, config.EmbeddingSize, config.Device);
        Norm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, config.Device);
        Bias = new Parameter(torch.zeros(config.VocabularySize, device: config.Device));
        Register("dense", Dense);
        Register("norm", Norm);
        Register("bias", Bias);
    }

    public AdaptableLinear Dense { get; }

    public LayerNorm Norm { get; }

    public Parameter Bias { get; }

    /// <returns>float32 [batch, length, vocabulary].</returns>
    public override Tensor Forward(EncoderOutput output, EncoderInput input) => Predict(output.Tokens.to(ScalarType.Float32));

    /// <summary>Predicts at chosen positions only, which is what training needs: the product with the vocabulary costs more than a layer.</summary>
    /// <param name="hidden">[…, hidden]; the products are computed in its type.</param>
    /// <returns>float32 […, vocabulary].</returns>
    public Tensor Predict(Tensor hidden)
    {
        ScalarType type = hidden.dtype;
        return functional.linear(Transform(hidden), _wordEmbeddings().to(type), Bias.to(type)).to(ScalarType.Float32);
    }

    /// <summary>Predicts some of the tokens only.</summary>
    /// <param name="hidden">float32 […, hidden].</param>
    /// <param name="tokens">Their ids, int64 [tokens].</param>
    /// <returns>float32 […, tokens].</returns>
    protected Tensor Predict(Tensor hidden, Tensor tokens) =>
        functional.linear(Transform(hidden), _wordEmbeddings().index_select(0, tokens), Bias.index_select(0, tokens));

    private Tensor Transform(Tensor hidden) => Norm.Forward(_activation.Apply(Dense.Forward(hidden)));
}
