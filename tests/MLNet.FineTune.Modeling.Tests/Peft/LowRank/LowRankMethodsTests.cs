using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>What all updates of projections must hold besides conformance.</summary>
[TestClass]
public sealed class LowRankMethodsTests
{
    private static readonly Type[] Methods = [typeof(Lora), typeof(Ia3), typeof(AdaLora), typeof(ChainOfLora), typeof(SvFit), typeof(Dsee), typeof(AutoLora), typeof(Vera), typeof(LoHa), typeof(LoKr), typeof(Oft)];

    public static IEnumerable<object[]> Rows => MethodCases.All.Where(row => Methods.Contains(row.Create().GetType())).Select(row => new object[] { row.Name });

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void ComputesInTheTypeOfTheActivations(string name)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, MethodCases.All.Single(row => row.Name == name).Create());
        using (no_grad())
            foreach (AdapterParameter parameter in adapter.Own)
                parameter.Parameter.add_(randn_like(parameter.Parameter) * 0.05);
        float[] expected = TinyEncoder.Logits(model);
        model.Encoder.ComputeType = ScalarType.BFloat16;
        float[] actual = TinyEncoder.Logits(model);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 0.1f * Math.Max(1, Math.Abs(expected[i])));

        new TrainingMode(model, adapter).Train();
        using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        nn.functional.cross_entropy(model.Forward(input), tensor([0L, 1, 2, 1])).backward();
        foreach (AdapterParameter parameter in adapter.Own)
            Assert.AreEqual((ScalarType.Float32, true), (parameter.Parameter.grad!.dtype, parameter.Parameter.grad.isfinite().all().item<bool>()), parameter.Name);
    }
}
