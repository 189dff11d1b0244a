using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class LastLayersTests
{
    /// <summary>A quarter of 12 layers is 3, of 24 is 6; what lies below is computed as the bare encoder computes it.</summary>
    [TestMethod]
    public void AQuarterOfTheLayersTrains()
    {
        using TaskModel small = Published.BertBase(), large = Published.BertLarge();
        Assert.AreEqual(3L * (12 * 768 * 768 + 13 * 768), Published.TrainedInEncoder(small, new LastLayers()));
        using PeftAdapter ofSmall = PeftAdapter.Attach(small, new LastLayers()), ofLarge = PeftAdapter.Attach(large, new LastLayers());
        Assert.AreEqual(9, ofSmall.FrozenLayers);
        Assert.AreEqual(18, ofLarge.FrozenLayers);
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(2, 0)]
    public void FrozenLayers(int layers, int expected)
    {
        using TaskModel model = TinyEncoder.Model("deberta-v2");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LastLayers { Layers = layers });
        Assert.AreEqual(expected, adapter.FrozenLayers);
    }

    /// <summary>ALBERT with two groups of two layers can be divided between the groups only.</summary>
    [TestMethod]
    public void LayersThatShareWeightsTrainTogether()
    {
        using TaskModel model = TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json("albert"), ("num_hidden_layers", 4), ("num_hidden_groups", 2)));
        using (PeftAdapter adapter = PeftAdapter.Attach(model, new LastLayers { Layers = 2 }))
            Assert.AreEqual(2, adapter.FrozenLayers);
        Assert.Contains("shares its weights", Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, new LastLayers { Layers = 1 })).Message);
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Invalid.Expect(new LastLayers { Layers = 0 }, "Layers is 0");
        Invalid.Expect(new LastLayers { Layers = 3 }, "at most 2");
        Invalid.Expect(new LastLayers { Share = 1.5f }, "Share is 1.5");
    }
}
