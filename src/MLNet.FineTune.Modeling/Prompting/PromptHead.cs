using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Prompting;

/// <summary>
/// Classifies by the encoder's own head for hidden tokens: the logit of a class is the mean of those of its words at the mask
/// (Schick and Schütze 2021, arXiv 2001.07676; Gao et al. 2021, arXiv 2012.15723).
/// </summary>
internal sealed class PromptHead(TransformerEncoder encoder, Activation activation, PromptLayout prompt) : MaskedLanguageModelHead(encoder, activation), IClassifierHead
{
    private readonly long[] _words = [.. prompt.WordIds.SelectMany(words => words).Select(word => (long)word)];
    private readonly float[]? _shares = prompt.WordIds.All(words => words.Length == 1) ? null : Shares(prompt.WordIds);

    public int ClassCount => prompt.WordIds.Length;

    public int Width { get; } = encoder.Config.HiddenSize;

    /// <returns>float32 [batch, classes].</returns>
    public override Tensor Forward(EncoderOutput output, EncoderInput input) => Classify(Embed(output, input));

    public Tensor Embed(EncoderOutput output, EncoderInput input) => AtMask(output, input, prompt.MaskId);

    public Tensor Classify(Tensor pooled)
    {
        Tensor logits = Predict(pooled, tensor(_words, device: pooled.device));
        return _shares is null ? logits : logits.matmul(tensor(_shares, [_words.Length, ClassCount], device: pooled.device));
    }

    /// <summary>The vector at the mask of each text, which has one.</summary>
    /// <returns>float32 [batch, hidden].</returns>
    public static Tensor AtMask(EncoderOutput output, EncoderInput input, int maskId) =>
        output.Tokens.flatten(0, 1).index_select(0, input.InputIds.Eq(maskId).flatten().nonzero().flatten()).to(ScalarType.Float32);

    /// <summary>What each word gives to each class, row-major [words, classes].</summary>
    private static float[] Shares(int[][] words) =>
        [.. words.SelectMany((own, label) => own.SelectMany(_ => Enumerable.Range(0, words.Length).Select(c => c == label ? 1f / own.Length : 0)))];
}
