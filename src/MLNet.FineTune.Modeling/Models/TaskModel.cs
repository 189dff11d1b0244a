using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Heads;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Models;

/// <summary>An encoder and the head of a task.</summary>
internal sealed class TaskModel : Part
{
    public TaskModel(EncoderFamily family, TransformerEncoder encoder, Head head, TextTask task) : base(nameof(TaskModel))
    {
        (Encoder, Head, Task) = (encoder, head, task);
        Names = new CheckpointNames(family, task);
        Register("encoder", Encoder);
        Register("head", Head);
    }

    public TransformerEncoder Encoder { get; }

    public Head Head { get; }

    public TextTask Task { get; }

    public CheckpointNames Names { get; }

    /// <summary>The logits of a batch, float32.</summary>
    public Tensor Forward(EncoderInput input) => Head.Forward(Encode(input), input);

    /// <summary>What the head reads of a batch.</summary>
    public EncoderOutput Encode(EncoderInput input) => Encoder.Forward(input, firstOnly: Head.ReadsFirstOnly);

    /// <summary>Every linear projection with its path, <c>encoder.layers.0.attention.query</c> and the like.</summary>
    public IEnumerable<(string Path, AdaptableLinear Linear)> Linears() =>
        named_modules().Where(m => m.module is AdaptableLinear).Select(m => (m.name, (AdaptableLinear)m.module));

    /// <summary>Must follow every change of weights from outside the training loop.</summary>
    public void WeightsChanged()
    {
        foreach (var (_, linear) in Linears())
            linear.WeightsChanged();
    }
}
