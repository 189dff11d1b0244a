using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Trained vectors before the word embeddings of every text.</summary>
internal sealed class SoftPrompt : InputAdapter
{
    public const string Path = "prompt";

    private readonly long _width;

    /// <param name="vectors">The vectors.</param>
    /// <param name="width">Width of the word embeddings.</param>
    public SoftPrompt(PromptVectors vectors, long width) : base(nameof(SoftPrompt))
    {
        (Vectors, _width) = (vectors, width);
        Register(PromptFiles.Vectors, vectors);
    }

    public PromptVectors Vectors { get; }

    public override int PromptLength => (int)Vectors.Length;

    public override Tensor Adapt(Tensor words, EncoderInput input) => Prepend(Vectors.Columns(0, _width), words);

    /// <summary>Puts the same vectors before every row.</summary>
    /// <param name="vectors">[prompt, width].</param>
    /// <param name="words">[batch, length, width].</param>
    public static Tensor Prepend(Tensor vectors, Tensor words) => cat([vectors.unsqueeze(0).expand(words.size(0), -1, -1), words], 1);
}
