using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class SpafitTests
{
    /// <summary>The defaults on BERT-large: layers 0 to 3 frozen, 4 to 8 biases, 9 to 23 updates of query and value and the other biases.</summary>
    [TestMethod]
    public void StrataOfBertLarge()
    {
        using TaskModel model = Published.BertLarge();
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Spafit());
        Assert.AreEqual(4, adapter.FrozenLayers);
        string[][] byLayer = [.. Enumerable.Range(0, 24).Select(layer => adapter.Trainable.Where(p => p.Layer == layer).Select(p => p.Name).ToArray())];
        Assert.IsTrue(byLayer[..4].All(names => names.Length == 0));
        Assert.IsTrue(byLayer[4..9].All(names => names.Length == 8 && names.All(name => name.EndsWith(".bias", StringComparison.Ordinal))));
        foreach (string[] names in byLayer[9..])
        {
            Assert.AreEqual(4, names.Count(name => name.Contains(".lora_", StringComparison.Ordinal)));
            Assert.AreEqual(6, names.Count(name => name.EndsWith(".bias", StringComparison.Ordinal)));
            Assert.IsFalse(names.Any(name => name.EndsWith("query.bias", StringComparison.Ordinal) || name.EndsWith("value.bias", StringComparison.Ordinal)));
        }
        Assert.IsLessThan(0.003, ParameterCounting.Report(adapter).TrainableShare - Head(model));
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Invalid.Expect(new Spafit { FrozenLayers = -1 }, "FrozenLayers is -1");
        Invalid.Expect(new Spafit { BiasLayers = -1 }, "BiasLayers is -1");
        Invalid.Expect(new Spafit { FrozenLayers = 1, BiasLayers = 2 }, "are 3 together");
        Invalid.Expect(new Spafit { Targets = TargetModules.Pooler }, "Targets is Pooler");
        Invalid.Expect(new Spafit { Rank = 0 }, "Rank is 0");
        Invalid.Expect(new Spafit { Alpha = 0 }, "Alpha is 0");
        Invalid.Expect(new Spafit { Dropout = 1 }, "Dropout is 1");
    }

    private static double Head(TaskModel model) => (double)model.Head.parameters().Sum(p => p.numel()) / model.parameters().Sum(p => p.numel());
}
