using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Moves the word embeddings of one batch by numbers that can have a gradient; off unless told.</summary>
/// <param name="deviation">Standard deviation of the numbers at first.</param>
/// <param name="limit">Their greatest size.</param>
internal sealed class WordPerturbation(double deviation, double limit) : InputAdapter(nameof(WordPerturbation))
{
    public override bool Active { get; set; }

    public override int PromptLength => 0;

    /// <summary>What is added to the word embeddings, [batch, length, embedding]; null where the next pass draws it.</summary>
    public Tensor? Change { get; set; }

    public override Tensor Adapt(Tensor words, EncoderInput input)
    {
        long prompt = words.size(1) - input.Length;
        Change ??= Draw([input.BatchSize, input.Length, words.size(2)], words.device);
        return prompt == 0 ? words.Add(Change) : cat([words.narrow(1, 0, prompt), words.narrow(1, prompt, input.Length).Add(Change)], 1);
    }

    /// <summary>The change after a step along a gradient whose largest number in each text counts as one, back within the limit.</summary>
    /// <param name="gradient">As large as the change.</param>
    /// <param name="step">How far the largest moves.</param>
    public Tensor Moved(Tensor gradient, double step)
    {
        Tensor largest = gradient.abs().amax([1, 2], keepdim: true).ClampMin(1e-30);
        return Change!.detach().Add(gradient / largest, step).Clamp(-limit, limit);
    }

    private Tensor Draw(long[] shape, Device device)
    {
        using IDisposable frozen = no_grad();
        return randn(shape, dtype: ScalarType.Float32, device: device).Mul(deviation).Clamp(-limit, limit).requires_grad_();
    }
}
