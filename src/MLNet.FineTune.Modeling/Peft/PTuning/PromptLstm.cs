using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Vectors that a bidirectional LSTM and two linear layers with ReLU between them make of a trained table.</summary>
internal sealed class PromptLstm : PromptVectors
{
    private readonly AdaptableLinear _inner;
    private readonly AdaptableLinear _outer;
    private readonly BidirectionalLstm _lstm;

    public PromptLstm(int length, int width, int hidden, int layers, double dropout, Device device) : base(nameof(PromptLstm))
    {
        Table = new Parameter(randn(length, width, device: device));
        _lstm = new BidirectionalLstm(width, hidden, layers, dropout, device);
        _inner = PromptLinear.Create(2 * hidden, 2 * hidden, device);
        _outer = PromptLinear.Create(2 * hidden, width, device);
        Register("embedding", Table);
        Register("lstm", _lstm);
        Register("inner", _inner);
        Register("outer", _outer);
    }

    /// <summary>[length, width].</summary>
    public Parameter Table { get; }

    public override long Length => Table.size(0);

    public override Tensor Columns(long from, long count) => _outer.Forward(nn.functional.relu(_inner.Forward(_lstm.Forward(Table)))).narrow(1, from, count);
}
