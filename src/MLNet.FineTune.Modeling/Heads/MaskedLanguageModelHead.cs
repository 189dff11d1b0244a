using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Heads;

/// <summary>Predicts the token at every position; the output matrix is the word embedding table (Devlin et al. 2018, arXiv 1810.04805).</summary>
internal sealed class MaskedLanguageModelHead : Head
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
    public override Tensor Forward(EncoderOutput output, EncoderInput input)
    {
        Tensor hidden = Norm.Forward(_activation.Apply(Dense.Forward(output.LastHidden.to(ScalarType.Float32))));
        return functional.linear(hidden, _wordEmbeddings(), Bias);
    }
}
