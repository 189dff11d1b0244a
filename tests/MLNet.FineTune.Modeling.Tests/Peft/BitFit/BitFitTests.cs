using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class BitFitTests
{
    /// <summary>The figures of the paper: 0.09 % of BERT-base, 0.08 % of BERT-large, half of it for query and "middle-of-MLP".</summary>
    [TestMethod]
    public void TheSharesAreThoseOfThePaper()
    {
        using TaskModel small = Published.BertBase(), large = Published.BertLarge();
        Assert.AreEqual(12 * (7 * 768 + 3072) + 768, Published.TrainedInEncoder(small, new BitFit()));
        Assert.AreEqual(0.0009, Share(small, BitFitBiases.All), 0.00005);
        Assert.AreEqual(0.0008, Share(large, BitFitBiases.All), 0.00005);
        Assert.AreEqual(12 * (768 + 3072), Published.TrainedInEncoder(small, new BitFit { Biases = BitFitBiases.QueryAndFeedForwardIn }));
        Assert.AreEqual(0.0004, Share(small, BitFitBiases.QueryAndFeedForwardIn), 0.00005);
    }

    /// <summary>The bias of the embeddings' LayerNorm changes what all layers see; without it only the embeddings stay.</summary>
    [TestMethod]
    [DataRow(BitFitBiases.All, -1)]
    [DataRow(BitFitBiases.QueryAndFeedForwardIn, 0)]
    public void FrozenLayers(BitFitBiases biases, int expected)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new BitFit { Biases = biases });
        Assert.AreEqual(expected, adapter.FrozenLayers);
        Assert.IsTrue(adapter.TrainedBase.Where(p => p.Name.StartsWith("encoder.", StringComparison.Ordinal)).All(p => p.Name.EndsWith(".bias", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void OptionsAreChecked() => Invalid.Expect(new BitFit { Biases = (BitFitBiases)7 }, "Biases is 7");

    private static double Share(TaskModel model, BitFitBiases biases) =>
        (double)Published.TrainedInEncoder(model, new BitFit { Biases = biases }) / Published.Size(model);
}
