using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Vectors that a feed-forward network makes of a trained table: linear layers with an activation between them.</summary>
internal sealed class PromptNetwork : PromptVectors
{
    private readonly Activation _activation;
    private readonly AdaptableLinear[] _layers;

    /// <param name="length">How many vectors.</param>
    /// <param name="widths">Of the table and of what each layer gives.</param>
    /// <param name="activation">Between layers.</param>
    /// <param name="device">Where the parameters are created.</param>
    public PromptNetwork(int length, int[] widths, Activation activation, Device device) : base(nameof(PromptNetwork))
    {
        _activation = activation;
        Table = new Parameter(randn(length, widths[0], device: device));
        Register("embedding", Table);
        _layers = [.. Enumerable.Range(0, widths.Length - 1).Select(i => PromptLinear.Create(widths[i], widths[i + 1], device))];
        for (int i = 0; i < _layers.Length; i++)
            Register($"layers_{i}", _layers[i]);
    }

    /// <summary>[length, first width].</summary>
    public Parameter Table { get; }

    public override long Length => Table.size(0);

    public override Tensor Columns(long from, long count)
    {
        Tensor x = Table;
        foreach (AdaptableLinear layer in _layers[..^1])
            x = _activation.Apply(layer.Forward(x));
        // Of the last layer, which is by far the widest, only what is asked for.
        AdaptableLinear last = _layers[^1];
        return nn.functional.linear(x, last.Weight.narrow(0, from, count), last.Bias.narrow(0, from, count));
    }
}
