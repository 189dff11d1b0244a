using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class EncodedStretchTests
{
    [TestMethod]
    public void Embeddings_come_in_the_order_of_the_texts_as_if_encoded_one_by_one()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        var random = new Random(1);
        int[][] texts = TinyEncoder.Rows(2, [.. Enumerable.Range(0, 150).Select(_ => random.Next(2, 20))]);
        List<EncodedStretch> stretches = EncodedStretch.Encode(model.Encoder, texts, allHiddenStates: true);
        Assert.HasCount(3, stretches);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 150).ToArray(), stretches.SelectMany(stretch => stretch.Texts).ToArray());
        Tensor all = new EncodedBatch(PoolingMode.Mean) { Texts = texts, AnchorCount = 150, Targets = [], Stretches = stretches }.Embeddings;
        for (int text = 0; text < texts.Length; text += 7)
        {
            using EncoderInput input = EncoderInput.Create([texts[text]], null, model.Encoder.Config, CPU);
            Tensor alone = PoolingMode.Mean.Pool(model.Encoder.Forward(input), input)[0];
            Assert.IsLessThan(1e-4f, (all[text] - alone).abs().max().item<float>());
        }
        Assert.HasCount(3, stretches[0].Output.HiddenStates, "embeddings and two layers");
    }
}
