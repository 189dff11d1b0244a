using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Heads;

/// <summary>One vector for each text from the vectors of its tokens.</summary>
internal static class Pooling
{
    /// <param name="modes">How; the vectors of several modes are put one after another.</param>
    /// <param name="output">The tokens' vectors.</param>
    /// <param name="input">Says which of them are padding.</param>
    /// <param name="skipped">How many tokens at the start of each text no mean or maximum is taken over.</param>
    /// <returns>float32 [batch, modes · hidden].</returns>
    public static Tensor Pool(this PoolingModes modes, EncoderOutput output, EncoderInput input, int skipped = 0)
    {
        Tensor? mask = skipped == 0 ? input.Mask : WithoutFirst(skipped, output, input);
        Tensor[] vectors = [.. modes.InOrder.Select(mode => mode.Pool(output, mask))];
        return vectors is [var only] ? only : cat(vectors, 1);
    }

    /// <returns>float32 [batch, hidden].</returns>
    public static Tensor Pool(this PoolingMode mode, EncoderOutput output, EncoderInput input) => mode.Pool(output, input.Mask);

    private static Tensor Pool(this PoolingMode mode, EncoderOutput output, Tensor? known)
    {
        // The first vector may be a soft prompt's, as Python's peft has it; averages are those of the text.
        if (mode == PoolingMode.Cls)
            return output.LastHidden.select(1, 0).to(ScalarType.Float32);
        Tensor hidden = output.Tokens.to(ScalarType.Float32);
        Tensor? mask = known?.unsqueeze(-1);
        switch (mode)
        {
            case PoolingMode.Mean when mask is null:
                return hidden.mean([1]);
            case PoolingMode.Mean:
                return Mean(hidden, mask.to(ScalarType.Float32));
            case PoolingMode.Max:
                return (mask is null ? hidden : hidden.MaskedFill(mask.logical_not(), -1e9)).amax([1]);
            case PoolingMode.MeanSqrtLength when mask is null:
                return hidden.sum(1).Div(Math.Sqrt(hidden.size(1)));
            case PoolingMode.MeanSqrtLength:
                Tensor each = mask.to(ScalarType.Float32);
                return (hidden * each).sum(1) / each.sum(1).ClampMin(1e-9).sqrt();
            case PoolingMode.WeightedMean:
                Tensor places = Places(hidden).to(ScalarType.Float32);
                return Mean(hidden, mask is null ? places : places * mask.to(ScalarType.Float32));
            case PoolingMode.LastToken when mask is null:
                return hidden.select(1, hidden.size(1) - 1);
            case PoolingMode.LastToken:
                Tensor last = (Places(hidden) * mask.to(ScalarType.Int64)).argmax(1, keepdim: true); // [batch, 1, 1]
                return hidden.gather(1, last.expand(-1, -1, hidden.size(2))).squeeze(1);
            default:
                throw new ArgumentOutOfRangeException(nameof(mode), mode, null);
        }
    }

    /// <param name="hidden">[batch, length, hidden].</param>
    /// <param name="weights">How much each token counts, [batch or 1, length, 1].</param>
    private static Tensor Mean(Tensor hidden, Tensor weights) => (hidden * weights).sum(1) / weights.sum(1).ClampMin(1e-9);

    /// <summary>1, 2, 3 … as int64 [1, length, 1].</summary>
    private static Tensor Places(Tensor hidden) => TensorArithmetic.Arange(hidden.size(1), hidden.device).Add(1).reshape(1, -1, 1);

    private static Tensor WithoutFirst(int count, EncoderOutput output, EncoderInput input)
    {
        Tensor mask = input.Mask?.clone() ?? ones(output.Tokens.size(0), output.Tokens.size(1), ScalarType.Bool, output.Tokens.device);
        mask.narrow(1, 0, Math.Min(count, mask.size(1))).zero_();
        return mask;
    }
}
