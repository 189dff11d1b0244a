using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Runtime;

/// <summary>Operations whose numbers are held give what TorchSharp's own give, in the same type.</summary>
[TestClass]
public sealed class TensorArithmeticTests
{
    private static readonly Dictionary<string, (Func<Tensor, Tensor> Held, Func<Tensor, Tensor> Own)> Real = new()
    {
        ["add tensor"] = (x => x.Add(x.sin()), x => x + x.sin()),
        ["add multiple"] = (x => x.Add(x.sin(), -0.3), x => x.add(x.sin(), -0.3)),
        ["add number"] = (x => x.Add(0.3), x => x + 0.3),
        ["add in place"] = (x => x.clone().Add_(x.sin()), x => x.clone().add_(x.sin())),
        ["add multiple in place"] = (x => x.clone().Add_(x.sin(), 0.7), x => x.clone().add_(x.sin(), 0.7)),
        ["addcmul"] = (x => x.Addcmul(x.sin(), x.cos()), x => x.addcmul(x.sin(), x.cos(), 1)),
        ["subtract"] = (x => x.Sub(0.3), x => x - 0.3),
        ["subtract from"] = (x => x.Rsub(0.3), x => 0.3 - x),
        ["multiply"] = (x => x.Mul(0.3), x => x * 0.3),
        ["multiply in place"] = (x => x.clone().Mul_(0.3f), x => x.clone().mul_(0.3f)),
        ["divide"] = (x => x.Div(0.3), x => x / 0.3),
        ["square"] = (x => x.Square(), x => x.square()),
        ["greater"] = (x => x.Gt(0.5), x => x > 0.5),
        ["less"] = (x => x.Lt(0.5), x => x < 0.5),
        ["not equal"] = (x => x.Ne(2), x => x.ne(2)),
        ["clamp from below"] = (x => x.ClampMin(0.1f), x => x.clamp_min(0.1f)),
        ["fill"] = (x => x.clone().Fill_(0.3), x => x.clone().fill_(0.3)),
        ["masked fill"] = (x => x.MaskedFill(x.Gt(0), float.NegativeInfinity), x => x.masked_fill(x > 0, float.NegativeInfinity)),
        ["index fill"] = (x => x.clone().IndexFill_(0, tensor(new long[] { 1, 3 }), 0.3), x => x.clone().index_fill_(0, tensor(new long[] { 1, 3 }), 0.3)),
        ["index add"] = (x => x.IndexAdd(0, tensor(new long[] { 2, 2 }), x.narrow(0, 0, 2)), x => x.index_add(0, tensor(new long[] { 2, 2 }), x.narrow(0, 0, 2), 1)),
    };

    private static readonly Dictionary<string, (Func<Tensor, Tensor> Held, Func<Tensor, Tensor> Own)> Whole = new()
    {
        ["add tensor"] = (x => x.Add(x), x => x + x),
        ["add"] = (x => x.Add(3), x => x + 3),
        ["add fraction"] = (x => x.Add(0.5), x => x + 0.5),
        ["add in place"] = (x => x.clone().Add_(3), x => x.clone().add_(3)),
        ["subtract"] = (x => x.Sub(3), x => x - 3),
        ["multiply"] = (x => x.Mul(-3), x => x * -3),
        ["divide"] = (x => x.Div(2), x => x / 2),
        ["floor divide"] = (x => x.FloorDivide(2), x => x.div(2, RoundingMode.floor)),
        ["remainder"] = (x => x.Remainder(3), x => x.remainder(3)),
        ["greater"] = (x => x.Gt(1), x => x > 1),
        ["clamp from below"] = (x => x.ClampMin(1), x => x.clamp_min(1)),
        ["clamp in place"] = (x => x.clone().Clamp_(-1, 2), x => x.clone().clamp_(-1, 2)),
        ["masked fill"] = (x => x.MaskedFill(x.Gt(0), 9), x => x.masked_fill(x > 0, 9)),
    };

    public static IEnumerable<object[]> RealCases =>
        from name in Real.Keys from type in new[] { ScalarType.Float32, ScalarType.BFloat16 } select new object[] { name, type };

    public static IEnumerable<object[]> WholeCases => Whole.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(RealCases))]
    public void RealNumbers(string name, ScalarType type) => Same(Real[name], tensor([-2f, -0.4f, 0.1f, 0.5f, 2f, 7f], type));

    [TestMethod]
    [DynamicData(nameof(WholeCases))]
    public void WholeNumbers(string name) => Same(Whole[name], tensor(new long[] { -5, -2, 0, 1, 2, 7 }));

    [TestMethod]
    public void CountingBeginsAtZero()
    {
        using var scope = NewDisposeScope();
        CollectionAssert.AreEqual(new long[] { 0, 1, 2, 3 }, TensorArithmetic.Arange(4, CPU).data<long>().ToArray());
    }

    /// <summary>ln(1 + eˣ), and its derivative 1 / (1 + e⁻ˣ), where eˣ is small and where it overflows.</summary>
    [TestMethod]
    public void Softplus()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor([-100f, -20f, -1f, 0f, 0.5f, 19f, 100f]).requires_grad_();
        Tensor y = x.Softplus();
        y.sum().backward();
        foreach ((float at, float value, float slope) in x.data<float>().Zip(y.data<float>(), x.grad!.data<float>()))
        {
            Assert.AreEqual(Math.Max(at, 0) + Math.Log(1 + Math.Exp(-Math.Abs((double)at))), value, 1e-6);
            Assert.AreEqual(1 / (1 + Math.Exp(-(double)at)), slope, 1e-6);
        }
    }

    private static void Same((Func<Tensor, Tensor> Held, Func<Tensor, Tensor> Own) pair, Tensor x)
    {
        using var scope = NewDisposeScope();
        using (x)
        {
            Tensor held = pair.Held(x), own = pair.Own(x);
            Assert.AreEqual(own.dtype, held.dtype);
            Assert.IsTrue(held.equal(own).all().item<bool>(), $"{held.cstr()} instead of {own.cstr()}");
        }
    }
}
