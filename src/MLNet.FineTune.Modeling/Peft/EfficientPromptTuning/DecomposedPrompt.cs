using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>
/// A short prompt P, and a change C = A·B added to the word embeddings by place. Before the text stands
/// P + softmax(P·Cᵀ/√e)·C + Σₖ gₖ(P)·spaceₖ(P), while fusion and projection train; else P.
/// </summary>
internal sealed class DecomposedPrompt : InputAdapter
{
    public const string LowRankA = "lora_A";
    public const string LowRankB = "lora_B";
    private const string Prompt = "prompt";

    private readonly Parameter _prompt;
    private readonly Parameter _a;
    private readonly Parameter _b;
    private readonly PromptSpaces? _spaces;

    /// <param name="start">The prompt to begin with, [prompt, embedding].</param>
    /// <param name="positions">How many places of a text are changed.</param>
    /// <param name="rank">Rank of the change.</param>
    /// <param name="spaces">Number and width of the spaces; null where the prompt stands as it is.</param>
    public DecomposedPrompt(Tensor start, int positions, int rank, (int Count, int Size)? spaces) : base(nameof(DecomposedPrompt))
    {
        Device device = start.device;
        long width = start.size(1);
        Tensor a = zeros(positions, rank, device: device);
        nn.init.kaiming_uniform_(a, Math.Sqrt(5));
        _prompt = new Parameter(start);
        _a = new Parameter(a);
        // The words begin as they are.
        _b = new Parameter(zeros(rank, width, device: device));
        Register(Prompt, _prompt);
        Register(LowRankA, _a);
        Register(LowRankB, _b);
        if (spaces is { } projected)
            Register("spaces", _spaces = new PromptSpaces(projected.Count, (int)width, projected.Size, device));
    }

    public override int PromptLength => (int)_prompt.size(0);

    /// <summary>What remains when fusion and projection have done their work, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Finished() => new Dictionary<string, Tensor> { [Prompt] = Enriched(Change(), _spaces!), [LowRankA] = _a, [LowRankB] = _b };

    public override Tensor Adapt(Tensor words, EncoderInput input)
    {
        Tensor change = Change();
        // Other prompts may already stand before the text.
        long length = input.Length, before = words.size(1) - length, changed = Math.Min(length, change.size(0));
        words = words.Add(nn.functional.pad(change.narrow(0, 0, changed), [0, 0, before, length - changed]));
        return SoftPrompt.Prepend(_spaces is null ? _prompt : Enriched(change, _spaces), words);
    }

    /// <summary>[positions, embedding].</summary>
    private Tensor Change() => _a.matmul(_b);

    /// <summary>The prompt with what fusion and projection add, [prompt, embedding].</summary>
    private Tensor Enriched(Tensor change, PromptSpaces spaces) => _prompt.Add(Fused(change)).Add(spaces.Forward(_prompt));

    /// <summary>Of the change at every place as much as each vector of the prompt attends to, [prompt, embedding].</summary>
    private Tensor Fused(Tensor change) => nn.functional.softmax(_prompt.matmul(change.t()).Div(Math.Sqrt(_prompt.size(1))), -1).matmul(change);
}
