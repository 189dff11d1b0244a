using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class TellyTests
{
    [TestMethod]
    public void FiveOfTwelveLayersAreFrozen()
    {
        using TaskModel model = Published.BertBase();
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Telly());
        Assert.AreEqual(5, adapter.FrozenLayers);
        Assert.AreEqual(7L * (12 * 768 * 768 + 13 * 768), Published.TrainedInEncoder(model, new Telly()));
    }

    /// <summary>Freezing k of n layers trains what the last n − k train.</summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void IsTheOtherSideOfLastLayers(int frozen)
    {
        using TaskModel model = TinyEncoder.Model("roberta");
        using PeftAdapter telly = PeftAdapter.Attach(model, new Telly { FrozenLayers = frozen }), last = PeftAdapter.Attach(model, new LastLayers { Layers = 2 - frozen });
        CollectionAssert.AreEqual(last.Trainable.Select(p => p.Name).ToArray(), telly.Trainable.Select(p => p.Name).ToArray());
        Assert.AreEqual(frozen, telly.FrozenLayers, "the embeddings are frozen too");
    }

    /// <summary>An encoder of one layer trains that layer.</summary>
    [TestMethod]
    public void SmallEncodersKeepALayerThatTrains()
    {
        using TaskModel model = TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json("bert"), ("num_hidden_layers", 1)));
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Telly());
        Assert.AreEqual(0, adapter.FrozenLayers);
    }

    [TestMethod]
    public void LayersThatShareWeightsCannotBeDivided()
    {
        using TaskModel model = TinyEncoder.Model("albert");
        Assert.Contains("shares its weights", Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, new Telly { FrozenLayers = 1 })).Message);
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Invalid.Expect(new Telly { FrozenLayers = -1 }, "FrozenLayers is -1");
        Invalid.Expect(new Telly { FrozenLayers = 2 }, "expected below 2");
    }
}
