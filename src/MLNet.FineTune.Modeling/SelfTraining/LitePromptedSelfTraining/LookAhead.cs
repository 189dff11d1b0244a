using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.SelfTraining;

/// <summary>
/// How much rows to learn from help rows to validate on ("Learning to Reweight Examples for Robust Deep Learning", Ren et al. 2018, arXiv 1803.09050): the weight of each row
/// starts at zero, and the derivative of the validation loss after one step of gradient descent by it says how to move it.
/// </summary>
/// <remarks>
/// At weights ε = 0 the step θ − η Σ_i ε_i g_i ends where it began, and −∂L_val/∂ε_i = η g_i · g_val: no second derivatives are needed, only the gradient of
/// every row, one by one, so that memory stays that of one row.
/// </remarks>
internal static class LookAhead
{
    /// <summary>g_i · g_val of each row, which is −∂L_val/∂ε_i over the step size.</summary>
    /// <param name="parameters">What trains.</param>
    /// <param name="validation">The mean loss of the validation rows.</param>
    /// <param name="losses">The loss of each row to learn from.</param>
    public static double[] Alignments(IReadOnlyList<Tensor> parameters, Func<Tensor> validation, IReadOnlyList<Func<Tensor>> losses)
    {
        using var outer = NewDisposeScope();
        Tensor direction = Gradient(parameters, validation);
        return [.. losses.Select(loss =>
        {
            using var scope = NewDisposeScope();
            return (double)Gradient(parameters, loss).dot(direction).item<float>();
        })];
    }

    /// <summary>The weights of a step: negative alignments become zero, the others sum to one; all zero where none is positive.</summary>
    public static float[] Weights(IReadOnlyList<double> alignments)
    {
        double sum = alignments.Sum(alignment => Math.Max(alignment, 0));
        return [.. alignments.Select(alignment => sum > 0 ? (float)(Math.Max(alignment, 0) / sum) : 0)];
    }

    /// <summary>The gradient of all parameters as one vector, in the scope of the caller; what took no part counts zero.</summary>
    private static Tensor Gradient(IReadOnlyList<Tensor> parameters, Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        // Not backward(): the parameters may hold gradients of earlier batches of the step.
        IList<Tensor> gradients = autograd.grad([loss()], [.. parameters], allow_unused: true);
        return cat([.. gradients.Zip(parameters, (gradient, parameter) => (gradient is null || gradient.IsInvalid ? zeros_like(parameter) : gradient).flatten())]).MoveToOuterDisposeScope();
    }
}
