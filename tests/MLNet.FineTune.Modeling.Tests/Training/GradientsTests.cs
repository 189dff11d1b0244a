using MLNet.FineTune.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class GradientsTests
{
    [TestMethod]
    [DataRow(1.0)]
    [DataRow(13.0)]
    [DataRow(20.0)]
    [DataRow(double.PositiveInfinity)]
    public void ClippingScalesToTheMaximum(double maximum)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter a = new(zeros(2)), b = new(zeros(1, 1)), absent = new(zeros(4));
        a.grad = tensor([3f, 4f]);
        b.grad = tensor([12f]).reshape(1, 1);
        ParameterGroup[] groups = [new([new("a", a), new("absent", absent)], 0, 1), new([new("b", b)], 0, 1)];

        Gradients gradients = Gradients.Collect(groups);
        (double loss, double norm) = gradients.Measure(tensor(2.5f));
        gradients.Clip(norm, maximum);

        Assert.AreEqual(2.5, loss);
        Assert.AreEqual(13, norm, 1e-5); // √(3² + 4² + 12²)
        float factor = (float)Math.Min(1, maximum / 13);
        Assert.AreEqual(3 * factor, a.grad![0].item<float>(), 1e-5f);
        Assert.AreEqual(4 * factor, a.grad![1].item<float>(), 1e-5f);
        Assert.AreEqual(12 * factor, b.grad!.item<float>(), 1e-5f);
        Assert.IsNull(absent.grad);
    }

    [TestMethod]
    public void AgreesWithTorchOnRandomGradientsAndHalfPrecision()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(4);
        foreach (ScalarType dtype in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            Parameter[] parameters = [.. Enumerable.Range(1, 20).Select(i => new Parameter(randn(i, 31).to(dtype)))];
            foreach (Parameter parameter in parameters)
                parameter.grad = randn_like(parameter);
            ParameterGroup[] groups = [new([.. parameters.Select((p, i) => new NamedParameter($"p{i}", p))], 0, 1)];
            double expected = cat([.. parameters.Select(p => p.grad!.to(ScalarType.Float64).flatten())]).norm().item<double>();
            Assert.AreEqual(expected, Gradients.Collect(groups).Measure(zeros(1)).Norm, 1e-4 * expected);
        }
    }

    [TestMethod]
    public void ClearRemovesAllGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter a = new(zeros(2)) { grad = ones(2) };
        ParameterGroup[] groups = [new([new("a", a)], 0, 1)];
        Gradients.Clear(groups);
        Assert.IsNull(a.grad);
    }
}
