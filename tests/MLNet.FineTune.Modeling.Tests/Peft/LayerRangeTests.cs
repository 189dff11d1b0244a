using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class LayerRangeTests
{
    public static IEnumerable<object[]> Methods => new PeftMethod[]
    {
        new Lora { Layers = [0, 2] }, new Ia3 { Layers = [1, -1] }, new Vera { Layers = [2] }, new LoHa { Layers = [2] }, new LoKr { Layers = [2] }, new Oft { Layers = [2] }, new PrefixTuning { Length = 3, Layers = [0, 5] }, new BottleneckAdapter { Layers = [2, 1] }, new Compacter { ReductionFactor = 4, Layers = [0, 1, 2] },
    }.Select(method => new object[] { method });

    /// <summary>Where others of the layers exist, too: the user asked for more than there would be.</summary>
    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void LayersThatAreNotThereAreNamed(PeftMethod method)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        string message = Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, method)).Message;
        StringAssert.Contains(message, $"{method.GetType().Name}.Layers is [");
        StringAssert.Contains(message, "2 layers with weights of their own, 0 to 1");
    }

    [TestMethod]
    public void LayersThatShareWeightsAreOne()
    {
        using TaskModel model = TinyEncoder.Model("albert");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, new Lora { Layers = [1] })).Message, "expected [0]");
    }
}
