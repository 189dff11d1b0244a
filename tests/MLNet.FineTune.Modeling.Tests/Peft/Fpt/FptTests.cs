using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class FptTests
{
    /// <summary>Attention and feed-forward networks, whatever a family calls their parts, never move.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void NoProjectionOfALayerTrains(string family)
    {
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Fpt());
        string[] frozen = [.. model.named_parameters().Select(p => p.name).Except(adapter.TrainedBase.Select(p => p.Name))];
        string[] projections = [.. model.Linears().Where(linear => linear.Linear.Layer is not null).SelectMany(linear => new[] { linear.Path + ".weight", linear.Path + ".bias" })];
        CollectionAssert.AreEquivalent(projections, frozen);
        Assert.AreEqual(-1, adapter.FrozenLayers);
    }

    [TestMethod]
    [DataRow("bert", "encoder.embeddings.position.weight")]
    [DataRow("mpnet", "encoder.relative_bias.weight")]
    [DataRow("deberta-v2", "encoder.relative_embeddings.weight")]
    public void PositionsOfEveryKindAreAnOption(string family, string name)
    {
        using TaskModel model = TinyEncoder.Model(family);
        using (PeftAdapter with = PeftAdapter.Attach(model, new Fpt { InputEmbeddings = false }))
            Assert.IsTrue(with.TrainedBase.Any(p => p.Name == name) && with.TrainedBase.All(p => p.Name != "encoder.embeddings.word.weight"));
        using PeftAdapter without = PeftAdapter.Attach(model, new Fpt { PositionEmbeddings = false });
        Assert.IsTrue(without.TrainedBase.All(p => p.Name != name) && without.TrainedBase.Any(p => p.Name == "encoder.embeddings.word.weight"));
    }
}
