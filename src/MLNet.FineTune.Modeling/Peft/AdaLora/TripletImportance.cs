using MLNet.FineTune.Training;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>
/// How much a loss depends on each singular triplet of a projection: running averages of the sensitivity |w · ∂L/∂w| of every number and of its
/// uncertainty, multiplied, and averaged over the numbers of a vector (equations 8 to 11 of the paper).
/// </summary>
/// <param name="module">The projection's update.</param>
/// <param name="sensitivityDecay">β₁.</param>
/// <param name="uncertaintyDecay">β₂.</param>
internal sealed class TripletImportance(AdaLoraLinear module, double sensitivityDecay, double uncertaintyDecay) : IDisposable
{
    private readonly (string Name, Parameter Parameter, Tensor Sensitivity, Tensor Uncertainty)[] _averages =
        [Averages("values", module.Values), Averages("right", module.Right), Averages("left", module.Left)];

    /// <summary>Takes the present gradients into account.</summary>
    public void Update()
    {
        using var scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        foreach ((_, Parameter parameter, Tensor average, Tensor uncertainty) in _averages)
        {
            if (parameter.grad is not { } gradient)
                continue;
            Tensor sensitivity = (parameter * gradient).abs();
            average.Mul_(sensitivityDecay).Add_(sensitivity, alpha: 1 - sensitivityDecay);
            uncertainty.Mul_(uncertaintyDecay).Add_((sensitivity - average).abs(), alpha: 1 - uncertaintyDecay);
        }
    }

    /// <summary>The importance of each triplet.</summary>
    public float[] Scores()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor[] scores = [.. _averages.Select(average => average.Sensitivity * average.Uncertainty)];
        return [.. scores[0].view(-1).Add(scores[1].mean([1])).Add(scores[2].mean([0])).cpu().data<float>()];
    }

    public void Save(StateBag state, string prefix)
    {
        foreach ((string name, _, Tensor sensitivity, Tensor uncertainty) in _averages)
        {
            state.Tensors.Add($"{prefix}.{name}.sensitivity", sensitivity);
            state.Tensors.Add($"{prefix}.{name}.uncertainty", uncertainty);
        }
    }

    public void Load(StateBag state, string prefix)
    {
        foreach ((string name, _, Tensor sensitivity, Tensor uncertainty) in _averages)
        {
            sensitivity.copy_(state.Tensor($"{prefix}.{name}.sensitivity"));
            uncertainty.copy_(state.Tensor($"{prefix}.{name}.uncertainty"));
        }
    }

    public void Dispose()
    {
        foreach ((_, _, Tensor sensitivity, Tensor uncertainty) in _averages)
        {
            sensitivity.Dispose();
            uncertainty.Dispose();
        }
    }

    private static (string, Parameter, Tensor, Tensor) Averages(string name, Parameter parameter) => (name, parameter, Zeros(parameter), Zeros(parameter));

    private static Tensor Zeros(Parameter parameter) => zeros_like(parameter, requires_grad: false).DetachFromDisposeScope();
}
