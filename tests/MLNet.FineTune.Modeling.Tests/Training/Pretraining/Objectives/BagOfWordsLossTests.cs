using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

/// <summary>Which texts of a batch are predicted. What is predicted of each: <see cref="BagOfWordsHeadTests"/>.</summary>
[TestClass]
public sealed class BagOfWordsLossTests
{
    [TestMethod]
    [DataRow(1, new[] { 0 })]
    [DataRow(2, new[] { 0, 3 })]
    [DataRow(3, new[] { 0, 2, 4 })]
    [DataRow(6, new[] { 0, 1, 2, 3, 4, 5 })]
    [DataRow(7, new[] { 0, 1, 2, 3, 4, 5, 6 })]
    [DataRow(100, new[] { 0, 1, 2, 3, 4, 5, 6 })]
    [DataRow(null, new[] { 0, 1, 2, 3, 4, 5, 6 })]
    public void The_loss_is_the_mean_over_texts_spread_evenly(int? most, int[] chosen)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using var head = new BagOfWordsHead(model.Encoder);
        int[][] texts = TinyEncoder.Rows(3, 5, 12, 7, 4, 9, 11, 6);
        var batch = new EncodedBatch(PoolingMode.Mean)
        {
            Texts = texts, AnchorCount = 4, Targets = [], Stretches = EncodedStretch.Encode(model.Encoder, texts, allHiddenStates: false),
        };

        double expected = chosen.Average(text => (double)head.Loss(batch.Embeddings[text..(text + 1)], [texts[text]], ScalarType.Float32).item<float>());
        Tensor loss = new BagOfWordsLoss(head, ScalarType.Float32, new BagOfWordsPrediction { MaxTexts = most }).Compute(batch);
        Assert.AreEqual(expected, loss.item<float>(), 1e-5);

        // And only these texts teach the encoder.
        batch.Embeddings.retain_grad();
        loss.backward();
        float[] learnt = [.. batch.Embeddings.grad!.abs().sum(1).data<float>()];
        CollectionAssert.AreEqual(chosen, Enumerable.Range(0, texts.Length).Where(text => learnt[text] > 0).ToArray());
    }

    [TestMethod]
    public void Training_on_some_texts_is_deterministic_and_is_not_that_on_all()
    {
        using var folder = new TemporaryFolder();
        byte[] Train(int? most, string output)
        {
            PretrainingOptions options = Toys.Options(4);
            (options.MaskedLanguageModeling, options.BagOfWords) = (null, new BagOfWordsPrediction { MaxTexts = most });
            Toys.Run(Toys.Task(folder, options, Toys.Encoder(layers: 1), output));
            return File.ReadAllBytes(folder.File($"{output}/model.safetensors"));
        }

        byte[] some = Train(5, "some");
        CollectionAssert.AreEqual(some, Train(5, "again"));
        byte[] all = Train(null, "all");
        CollectionAssert.AreNotEqual(some, all);
        CollectionAssert.AreEqual(all, Train(16, "as many as a batch has"));
    }
}
