using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The update of the table of word embeddings: a token's vector e gets scaling · B a, with a the token's column of A.</summary>
/// <remarks>
/// Here A starts at zero and B does not, as in Python's peft: so the rows of tokens that never come stay as they are. B starts as small as A does at
/// projections; peft's standard normal numbers drive words apart at the rates that suit projections.
/// </remarks>
internal sealed class LoraEmbedding : InputAdapter
{
    /// <summary>The name of A.</summary>
    public const string Tokens = "lora_embedding_A";

    private readonly double _scaling;

    public LoraEmbedding(Embedding table, int rank, double scaling) : base(nameof(LoraEmbedding))
    {
        _scaling = scaling;
        Device device = table.Weight.device;
        A = new Parameter(zeros(rank, table.Weight.size(0), device: device));
        // The rows of B's transpose are drawn, as those of A are at projections.
        using (Tensor transposed = empty(rank, table.Weight.size(1), device: device), b = transposed.t())
        {
            nn.init.kaiming_uniform_(transposed, Math.Sqrt(5));
            B = new Parameter(b.contiguous());
        }
        Register(Tokens, A);
        Register("lora_embedding_B", B);
    }

    /// <summary>[rank, tokens].</summary>
    public Parameter A { get; }

    /// <summary>[size, rank].</summary>
    public Parameter B { get; }

    public override int PromptLength => 0;

    public override Tensor Adapt(Tensor words, EncoderInput input)
    {
        Tensor low = A.t().index_select(0, input.InputIds.flatten()).Mul(_scaling);
        Tensor update = low.matmul(B.t()).view([.. input.InputIds.shape, words.size(2)]);
        long prompt = words.size(1) - update.size(1);
        return prompt == 0 ? words.Add(update) : cat([words.narrow(1, 0, prompt), words.narrow(1, prompt, update.size(1)).Add(update)], 1);
    }

    public override Tensor? TableDelta() => B.matmul(A).t().Mul(_scaling);
}
