using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>Word, position and segment embeddings, summed and normalised; a projection to the hidden size where the tables are narrower.</summary>
internal sealed class EncoderEmbeddings : Part
{
    private readonly EncoderConfig _config;

    public EncoderEmbeddings(EncoderConfig config) : base(nameof(EncoderEmbeddings))
    {
        _config = config;
        Word = new Embedding(config.VocabularySize, config.EmbeddingSize, config.Device);
        if (config.PositionRows > 0)
            Position = new Embedding(config.PositionRows, config.EmbeddingSize, config.Device);
        if (config.TokenTypeCount > 0)
            TokenType = new Embedding(config.TokenTypeCount, config.EmbeddingSize, config.Device);
        Norm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, config.Device);
        if (config.EmbeddingSize != config.HiddenSize)
            Projection = new AdaptableLinear(TargetModules.None, null, config.EmbeddingSize, config.HiddenSize, config.Device);
        Register("word", Word);
        Register("position", Position);
        Register("token_type", TokenType);
        Register("norm", Norm);
        Register("projection", Projection);
    }

    public Embedding Word { get; }

    public Embedding? Position { get; }

    public Embedding? TokenType { get; }

    public LayerNorm Norm { get; }

    public AdaptableLinear? Projection { get; }

    /// <returns>float32 [batch, length, hidden].</returns>
    public Tensor Forward(EncoderInput input)
    {
        Tensor hidden = Word.Forward(input.InputIds);
        if (Position is not null)
            hidden = hidden + (input.Positions is { } positions
                ? Position.Forward(positions)
                : Position.Weight.narrow(0, _config.PositionOffset, input.Length));
        if (TokenType is not null)
            hidden = hidden + (input.TokenTypeIds is { } types ? TokenType.Forward(types) : TokenType.Weight[0]);
        hidden = Norm.Forward(hidden);
        if (_config.Disentangled is not null && input.Mask is { } mask)
            hidden = hidden * mask.unsqueeze(-1).to(hidden.dtype);
        if (training)
            hidden = Dropout.Apply(hidden, _config.HiddenDropout);
        return Projection is null ? hidden : Projection.Forward(hidden);
    }
}
