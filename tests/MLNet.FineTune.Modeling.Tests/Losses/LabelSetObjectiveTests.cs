using MLNet.FineTune.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Losses;

[TestClass]
public sealed class LabelSetObjectiveTests
{
    private static readonly float[,] Logits = { { 0.5f, -1 }, { 2, 0.1f }, { -0.7f, 3 } };
    private static readonly int[][] Sets = [[0], [], [0, 1]];

    [TestMethod]
    public void The_loss_is_the_mean_binary_cross_entropy()
    {
        using var scope = NewDisposeScope();
        double[] rows = [.. Enumerable.Range(0, 3).Select(row => Enumerable.Range(0, 2).Average(label => Math.Log(1 + Math.Exp(Sets[row].Contains(label) ? -Logits[row, label] : Logits[row, label]))))];
        Tensor all = tensor(Logits);
        Func<int[], Tensor> logits = chosen => all.index_select(0, tensor([.. chosen.Select(row => (long)row)]));
        Assert.AreEqual((rows[2] + rows[0]) / 2, new LabelSetObjective(logits, Sets, 2).Loss([2, 0]).item<float>(), 1e-5);
        Assert.AreEqual((3 * rows[1] + rows[2]) / 4 + 0.25, new LabelSetObjective(logits, Sets, 2, [9, 3, 1], () => tensor(0.25f)).Loss([1, 2]).item<float>(), 1e-5);
    }
}
