using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Projects vectors into several narrow spaces and back, and adds up the results by the weights a gate gives to each vector.</summary>
internal sealed class PromptSpaces : Part
{
    private readonly AdaptableLinear _gate;
    private readonly Parameter _down;
    private readonly Parameter _up;

    public PromptSpaces(int count, int width, int size, Device device) : base(nameof(PromptSpaces))
    {
        double bound = 1 / Math.Sqrt(width);
        _gate = PromptLinear.Create(width, count, device);
        _down = new Parameter(empty(count, width, size, device: device).uniform_(-bound, bound));
        // The prompt begins as it is.
        _up = new Parameter(zeros(count, size, width, device: device));
        Register("gate", _gate);
        Register("down", _down);
        Register("up", _up);
    }

    /// <param name="vectors">[length, width].</param>
    /// <returns>[length, width].</returns>
    public Tensor Forward(Tensor vectors)
    {
        Tensor weights = nn.functional.softmax(_gate.Forward(vectors), -1); // [length, spaces]
        Tensor projected = nn.functional.relu(vectors.unsqueeze(0).matmul(_down)).matmul(_up); // [spaces, length, width]
        return (weights.t().unsqueeze(-1) * projected).sum(dim: 0);
    }
}
