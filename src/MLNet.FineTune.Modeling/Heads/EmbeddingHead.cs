using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Heads;

/// <summary>The embedding of a text: its tokens' vectors pooled, through dense layers where the checkpoint has them, and brought to length one where it asks for that.</summary>
internal sealed class EmbeddingHead : Head
{
    private readonly EmbeddingHeadOptions _options;

    public EmbeddingHead(EncoderConfig config, EmbeddingHeadOptions options) : base(nameof(EmbeddingHead))
    {
        _options = options;
        Layers = [.. options.Dense.Select(shape => new Dense(shape.Inputs, shape.Outputs, config.Device, deviation: 0, shape.Bias))];
        for (int i = 0; i < Layers.Count; i++)
            Register($"dense{i}", Layers[i]);
        Width = options.Dense is [.., var last] ? last.Outputs : options.Pooling.Width(config.HiddenSize);
    }

    /// <summary>The dense layers, with weights of zero until they are set.</summary>
    public IReadOnlyList<Dense> Layers { get; }

    /// <summary>Width of the embeddings.</summary>
    public int Width { get; }

    public override bool ReadsFirstOnly => _options.Pooling.FirstOnly;

    /// <returns>float32 [batch, width].</returns>
    public override Tensor Forward(EncoderOutput output, EncoderInput input)
    {
        Tensor vector = _options.Pooling.Pool(output, input, _options.SkippedTokens);
        for (int i = 0; i < Layers.Count; i++)
            vector = _options.Dense[i].Activation.Apply(Layers[i].Forward(vector));
        return _options.Normalize ? functional.normalize(vector, p: 2, dim: 1, eps: 1e-12) : vector;
    }
}

/// <summary>How an <see cref="EmbeddingHead"/> is built.</summary>
/// <param name="Pooling">How tokens become one vector.</param>
/// <param name="Dense">The layers that follow.</param>
/// <param name="Normalize">Whether vectors are brought to length one.</param>
/// <param name="SkippedTokens">How many tokens at the start of each text are not pooled: those of a prompt that the checkpoint leaves out.</param>
internal sealed record EmbeddingHeadOptions(PoolingModes Pooling, IReadOnlyList<DenseShape> Dense, bool Normalize, int SkippedTokens = 0);
