using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Runtime;

[TestClass]
public sealed class UnheldScalarsTests
{
    [TestMethod]
    public void TheLibraryMakesNone()
    {
        string[] found = UnheldScalars.In(typeof(TensorArithmetic).Assembly);
        Assert.IsEmpty(found, string.Join('\n', found));
    }

    /// <summary>The search sees operators, numbers converted on the way, numbers made within TorchSharp, and method groups.</summary>
    [TestMethod]
    [DataRow(nameof(Offences.Sum), "op_Addition")]
    [DataRow(nameof(Offences.Product), "op_Multiply")]
    [DataRow(nameof(Offences.InPlace), "add_")]
    [DataRow(nameof(Offences.Compared), "Scalar::op_Implicit")]
    [DataRow(nameof(Offences.Squared), "square")]
    [DataRow(nameof(Offences.Counted), "arange")]
    [DataRow(nameof(Offences.Soft), "softplus")]
    [DataRow(nameof(Offences.Group), "add")]
    [DataRow(nameof(Offences.Number), "ToScalar")]
    public void TheSearchFinds(string method, string operation) => Assert.IsNotEmpty(
        UnheldScalars.In(typeof(Offences).Assembly).Where(line =>
            line.Contains($"{nameof(Offences)}.{method} ", StringComparison.Ordinal) && line.Contains(operation + "(", StringComparison.Ordinal)));

    [TestMethod]
    public void TheSearchLeavesOtherOperationsAlone() => Assert.IsEmpty(
        UnheldScalars.In(typeof(Offences).Assembly).Where(line => line.Contains($"{nameof(Offences)}.{nameof(Offences.None)} ", StringComparison.Ordinal)));

    private static class Offences
    {
        public static Tensor Sum(Tensor x, Tensor y) => x + y;

        public static Tensor Product(Tensor x) => 0.5 * x;

        public static Tensor InPlace(Tensor x, Tensor y) => x.add_(y);

        public static Tensor Compared(Tensor x) => x > 0;

        public static Tensor Squared(Tensor x) => x.square();

        public static Tensor Counted() => arange(3);

        public static Tensor Soft(Tensor x) => nn.functional.softplus(x);

        public static Func<Tensor, Tensor> Group(Tensor x) => x.add;

        public static Scalar Number() => 3.ToScalar();

        public static Tensor None(Tensor x, Tensor y) => ((x - y) * x / y.Add(1)).sum(0L);
    }
}
