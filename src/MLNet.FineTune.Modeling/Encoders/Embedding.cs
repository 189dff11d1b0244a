using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Encoders;

/// <summary>A table of vectors looked up by row.</summary>
internal sealed class Embedding : Part
{
    public Embedding(int rows, int size, Device device) : base(nameof(Embedding))
    {
        Weight = new Parameter(torch.zeros(rows, size, device: device));
        Register("weight", Weight);
    }

    /// <summary>[rows, size].</summary>
    public Parameter Weight { get; }

    /// <param name="ids">int64, any shape.</param>
    /// <returns>[ids…, size].</returns>
    public Tensor Forward(Tensor ids) =>
        Weight.index_select(0, ids.flatten()).view([.. ids.shape, Weight.size(1)]);
}
