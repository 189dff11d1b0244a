using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>Modules compute in the type of the activations and keep their parameters in 32 bits.</summary>
[TestClass]
public sealed class ModulePrecisionTests
{
    [TestMethod]
    [DataRow("bottleneck")]
    [DataRow("bottleneck-houlsby")]
    [DataRow("bottleneck-scaled-parallel")]
    [DataRow("compacter")]
    [DataRow("union-gated")]
    [DataRow("union-nested")]
    [DataRow("unipt")]
    [DataRow("unipt-residual")]
    public void BFloat16IsNearFloat32(string name)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, MethodCases.All.Single(row => row.Name == name).Create());
        using (no_grad())
            foreach (AdapterParameter parameter in adapter.Own)
                parameter.Parameter.Add_(randn_like(parameter.Parameter).Mul(0.1));
        float[] expected = TinyEncoder.Logits(model);
        model.Encoder.ComputeType = ScalarType.BFloat16;
        new TrainingMode(model, adapter).Train();

        using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        Tensor logits = model.Forward(input);
        nn.functional.cross_entropy(logits, tensor([0L, 1, 2, 1])).backward();

        float[] actual = [.. logits.data<float>()];
        if (name != "bottleneck-scaled-parallel") // it has dropout
            for (int i = 0; i < actual.Length; i++)
                Assert.AreEqual(expected[i], actual[i], 0.15f * Math.Max(1, Math.Abs(expected[i])));
        foreach (AdapterParameter parameter in adapter.Own)
        {
            Assert.AreEqual(ScalarType.Float32, parameter.Parameter.dtype, parameter.Name);
            Assert.IsTrue(parameter.Parameter.grad!.isfinite().all().item<bool>(), parameter.Name);
        }
    }
}
