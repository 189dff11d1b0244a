using MLNet.FineTune.SelfTraining;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class LookAheadTests
{
    private const int Rows = 6, Inputs = 4, Hidden = 5, Classes = 3;

    /// <summary>Of the validation loss after a step of gradient descent on weighted rows, the derivative by each weight at zero.</summary>
    [TestMethod]
    public void AlignmentsAreDerivativesOfTheLossAfterAStep()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        Tensor[] parameters = [randn(Inputs, Hidden), randn(Hidden), randn(Hidden, Classes)];
        foreach (Tensor parameter in parameters)
            parameter.requires_grad = true;
        Tensor x = randn(Rows, Inputs), held = randn(Rows, Inputs), labels = randint(0, Classes, Rows), heldLabels = randint(0, Classes, Rows);
        Tensor Loss(Tensor rows, Tensor targets) => functional.cross_entropy((rows.matmul(parameters[0]) + parameters[1]).tanh().matmul(parameters[2]), targets);
        Func<Tensor>[] losses = [.. Enumerable.Range(0, Rows).Select(i => (Func<Tensor>)(() => Loss(x[i..(i + 1)], labels[i..(i + 1)])))];
        double[] alignments = LookAhead.Alignments(parameters, () => Loss(held, heldLabels), losses);
        Assert.IsTrue(parameters.All(parameter => parameter.grad is null), "gradients of the step are left alone");

        const float Rate = 0.1f, Change = 0.05f;
        double After(int row, float weight)
        {
            IList<Tensor> gradients = autograd.grad([losses[row]()], [.. parameters]);
            Tensor[] before = [.. parameters.Select(parameter => parameter.detach().clone())];
            using (no_grad())
            {
                for (int i = 0; i < parameters.Length; i++)
                    parameters[i].add_(gradients[i], alpha: -Rate * weight);
                double loss = Loss(held, heldLabels).to(ScalarType.Float64).item<double>();
                for (int i = 0; i < parameters.Length; i++)
                    parameters[i].copy_(before[i]);
                return loss;
            }
        }

        for (int row = 0; row < Rows; row++)
        {
            double derivative = (After(row, Change) - After(row, -Change)) / (2 * Change);
            Assert.AreEqual(-derivative / Rate, alignments[row], 0.02 * Math.Max(1, Math.Abs(alignments[row])), $"row {row}");
        }
        Assert.IsTrue(alignments.Any(value => value > 0) && alignments.Any(value => value < 0), "rows that help and rows that harm");
    }

    [TestMethod]
    public void HarmfulRowsCountNothingAndTheOthersSumToOne()
    {
        CollectionAssert.AreEqual((float[])[0.25f, 0, 0.75f, 0], LookAhead.Weights([1, -5, 3, 0]));
        CollectionAssert.AreEqual((float[])[0, 0], LookAhead.Weights([-1, 0]));
    }

    [TestMethod]
    public void WhatTakesNoPartCountsZero()
    {
        using var scope = NewDisposeScope();
        Tensor used = tensor(new[] { 2f }), unused = tensor(new[] { 1f });
        (used.requires_grad, unused.requires_grad) = (true, true);
        CollectionAssert.AreEqual((double[])[12], LookAhead.Alignments([used, unused], () => (used * 3).sum(), [() => (used * used).sum()]));
    }
}
