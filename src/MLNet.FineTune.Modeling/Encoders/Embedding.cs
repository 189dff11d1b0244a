using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Encoders;

/// <summary>A table of vectors looked up by row.</summary>
internal sealed class Embedding : Module<Tensor, Tensor>
{
    public Embedding(int rows, int size) : base(nameof(Embedding))
    {
        Weight = new Parameter(torch.zeros(rows, size));
        RegisterComponents();
    }

    /// <summary>[rows, size].</summary>
    [field: ComponentName(Name = "weight")]
    public Parameter Weight { get; }

    /// <param name="ids">int64, any shape.</param>
    /// <returns>[ids…, size].</returns>
    public override Tensor forward(Tensor ids) =>
        Weight.index_select(0, ids.flatten()).view([.. ids.shape, Weight.size(1)]);
}
