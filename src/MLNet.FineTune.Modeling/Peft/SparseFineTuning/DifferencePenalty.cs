using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Keeps what is trained near to the pretrained values: the sum of absolute differences joins the loss.</summary>
/// <param name="weight">What the sum is multiplied by.</param>
/// <param name="differences">The differences, with their graph.</param>
internal sealed class DifferencePenalty(double weight, Func<IEnumerable<Tensor>> differences) : PeftTraining
{
    public override Tensor? Penalty() => stack([.. differences().Select(difference => difference.abs().sum())]).sum().Mul(weight);
}
