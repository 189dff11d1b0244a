using MLNet.FineTune.Peft;
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

    /// <summary>Modules that change word embeddings or put a soft prompt before them.</summary>
    public Site<InputAdapter> Site { get; } = new(0);

    /// <param name="input">A batch.</param>
    /// <param name="shift">How far the positions of the text move up.</param>
    public EmbeddedInput Forward(EncoderInput input, int shift = 0)
    {
        Tensor hidden = Word.Forward(input.InputIds);
        Tensor? mask = input.Mask;
        int prompt = 0;
        foreach (InputAdapter adapter in Site.Modules)
            if (adapter.Active)
            {
                hidden = adapter.Adapt(hidden, input);
                prompt += adapter.PromptLength;
            }
        if (Position is not null && shift + prompt + input.Length > _config.MaxLength)
            throw new ArgumentException($"A text has {input.Length} tokens, and a prompt or prefix takes {shift + prompt}; the encoder takes at most {_config.MaxLength} in all.", nameof(input));
        if (prompt > 0)
            mask = mask is null ? null : cat([ones(input.BatchSize, prompt, ScalarType.Bool, mask.device), mask], 1);

        // After a prompt positions count up in every row, which for tokens is the same; those of padding play no part.
        if (Position is not null)
            hidden = hidden.Add(input.Positions is { } positions && prompt == 0
                ? Position.Forward(shift == 0 ? positions : positions.Add(shift))
                : Position.Weight.narrow(0, _config.PositionOffset + shift, prompt + input.Length));
        if (TokenType is not null)
            hidden = hidden.Add(TokenTypes(input, prompt));
        hidden = Norm.Forward(hidden);
        if (_config.Disentangled is not null && mask is not null)
            hidden = hidden * mask.unsqueeze(-1).to(hidden.dtype);
        if (training)
            hidden = Dropout.Apply(hidden, _config.HiddenDropout);
        return new EmbeddedInput(Projection is null ? hidden : Projection.Forward(hidden), mask, prompt);
    }

    /// <summary>A prompt is of the first segment.</summary>
    private Tensor TokenTypes(EncoderInput input, int prompt)
    {
        if (input.TokenTypeIds is not { } types)
            return TokenType!.Weight[0];
        Tensor embedded = TokenType!.Forward(types);
        return prompt == 0 ? embedded : cat([TokenType.Weight[0].expand(input.BatchSize, prompt, -1), embedded], 1);
    }
}

/// <summary>A batch as the first layer takes it.</summary>
/// <param name="Hidden">[batch, prompt + length, hidden].</param>
/// <param name="Mask">True for a prompt and tokens, bool [batch, prompt + length]; null when nothing is padding.</param>
/// <param name="PromptLength">How many vectors come before the text.</param>
internal sealed record EmbeddedInput(Tensor Hidden, Tensor? Mask, int PromptLength);
