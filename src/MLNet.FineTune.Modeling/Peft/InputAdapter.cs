using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A module that changes word embeddings or puts trained vectors, a soft prompt, before them.</summary>
internal abstract class InputAdapter(string name) : PeftModule(name)
{
    /// <summary>How many vectors it puts before the text.</summary>
    public abstract int PromptLength { get; }

    public sealed override int? LowestLayer => 0;

    /// <param name="words">Word embeddings, before positions and normalisation, float32 [batch, length, embedding].</param>
    /// <param name="input">The text; where other modules have put prompts before this one, <paramref name="words"/> is longer.</param>
    /// <returns>[batch, <see cref="PromptLength"/> + length, embedding].</returns>
    public abstract Tensor Adapt(Tensor words, EncoderInput input);

    /// <summary>What to add to the table of word embeddings so that the table alone gives the same, [tokens, size] in float32; null where that cannot be.</summary>
    public virtual Tensor? TableDelta() => null;
}
