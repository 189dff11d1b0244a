using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>Which positions of the batch that runs through the layers on this thread are tokens, for modules that average over a text.</summary>
internal readonly struct TokenMask : IDisposable
{
    [ThreadStatic]
    private static Tensor? s_current;

    private readonly Tensor? _outer;

    private TokenMask(Tensor? outer) => _outer = outer;

    /// <summary>Sets the mask, bool [batch, length], or null without padding, until it is disposed.</summary>
    public static TokenMask Enter(Tensor? mask)
    {
        var entered = new TokenMask(s_current);
        s_current = mask;
        return entered;
    }

    /// <summary>The mean over the tokens of each text.</summary>
    /// <param name="values">[batch, length, …] of a batch in the layers; other tensors are averaged over all positions.</param>
    /// <returns>[batch, 1, …].</returns>
    public static Tensor Mean(Tensor values)
    {
        if (s_current is not { } mask || values.size(0) != mask.size(0) || values.size(1) != mask.size(1))
            return values.mean([1], keepdim: true);
        Tensor tokens = mask.unsqueeze(-1).to(values.dtype);
        return (values * tokens).sum(1, keepdim: true) / tokens.sum(1, keepdim: true);
    }

    public void Dispose() => s_current = _outer;
}
