using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Heads;

/// <summary>One vector for each text from the vectors of its tokens.</summary>
internal static class Pooling
{
    /// <returns>float32 [batch, hidden].</returns>
    public static Tensor Pool(this PoolingMode mode, EncoderOutput output, EncoderInput input)
    {
        // The first vector may be a soft prompt's, as Python's peft has it; averages are those of the text.
        if (mode == PoolingMode.Cls)
            return output.LastHidden.select(1, 0).to(ScalarType.Float32);
        Tensor hidden = output.Tokens.to(ScalarType.Float32);
        Tensor? mask = input.Mask?.unsqueeze(-1);
        switch (mode)
        {
            case PoolingMode.Mean when mask is null:
                return hidden.mean([1]);
            case PoolingMode.Mean:
                Tensor weights = mask.to(ScalarType.Float32);
                return (hidden * weights).sum(1) / weights.sum(1).ClampMin(1e-9);
            case PoolingMode.Max:
                return (mask is null ? hidden : hidden.MaskedFill(mask.logical_not(), -1e9)).amax([1]);
            default:
                throw new ArgumentOutOfRangeException(nameof(mode), mode, null);
        }
    }
}
