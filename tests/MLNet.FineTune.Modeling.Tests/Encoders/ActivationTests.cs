using MLNet.FineTune.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Encoders;

[TestClass]
public sealed class ActivationTests
{
    private static readonly double[] Points = [-3, -1, -0.5, 0, 0.25, 1, 2.5];

    [TestMethod]
    [DataRow("gelu")]
    [DataRow("gelu_python")]
    public void Gelu(string name) => Check(name, x => x * 0.5 * (1 + Erf(x / Math.Sqrt(2))), 2e-6);

    [TestMethod]
    [DataRow("gelu_new")]
    [DataRow("gelu_pytorch_tanh")]
    [DataRow("gelu_fast")]
    public void GeluByTanh(string name) => Check(name, x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))), 2e-6);

    [TestMethod]
    public void Relu() => Check("relu", x => Math.Max(x, 0), 0);

    [TestMethod]
    [DataRow("silu")]
    [DataRow("swish")]
    public void Silu(string name) => Check(name, x => x / (1 + Math.Exp(-x)), 1e-6);

    [TestMethod]
    public void Tanh() => Check("tanh", Math.Tanh, 1e-6);

    [TestMethod]
    public void AnUnknownNameIsAnErrorThatListsTheKnown()
    {
        NotSupportedException e = Assert.ThrowsExactly<NotSupportedException>(() => Activations.Parse("mish", "here"));
        foreach (string part in new[] { "here", "'mish'", "gelu_new", "relu" })
            StringAssert.Contains(e.Message, part);
    }

    private static void Check(string name, Func<double, double> formula, double tolerance)
    {
        using var scope = NewDisposeScope();
        float[] values = [.. Activations.Parse(name, "test").Apply(tensor([.. Points.Select(x => (float)x)])).data<float>()];
        for (int i = 0; i < Points.Length; i++)
            Assert.AreEqual(formula(Points[i]), values[i], tolerance, $"{name}({Points[i]})");
    }

    /// <summary>The error function by its series; enough terms for |x| ≤ 3.</summary>
    private static double Erf(double x)
    {
        double term = x, sum = x;
        for (int n = 1; n < 80; n++)
        {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
