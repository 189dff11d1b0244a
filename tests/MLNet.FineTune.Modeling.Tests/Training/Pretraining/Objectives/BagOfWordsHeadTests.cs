using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class BagOfWordsHeadTests
{
    /// <summary>With and without a projection to narrower embedding tables.</summary>
    [TestMethod]
    [DataRow("bert")]
    [DataRow("electra")]
    public void Equals_the_definition(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family);
        using var head = new BagOfWordsHead(model.Encoder);
        using (no_grad())
            foreach (var parameter in head.parameters())
                nn.init.normal_(parameter, 0, 0.5);
        int[][] texts = [[2, 10, 11, 10, 3], [2, 12, 3], [2, 13, 14, 15, 13, 3]];
        Tensor embeddings = randn(3, model.Encoder.Config.HiddenSize);

        double[][] rows = Rows(head.named_parameters().Any(p => p.name == "projection.weight")
            ? embeddings.matmul(head.get_parameter("projection.weight")!.t()) + head.get_parameter("projection.bias")! : embeddings);
        double[][] words = Rows(model.Encoder.Embeddings.Word.Weight);
        float[] bias = [.. head.Bias.data<float>()];
        double expected = 0;
        for (int text = 0; text < 3; text++)
        {
            double[] logits = [.. words.Select((word, id) => bias[id] + word.Zip(rows[text]).Sum(pair => pair.First * pair.Second))];
            double log = Math.Log(logits.Sum(Math.Exp));
            expected += texts[text][1..^1].Distinct().Average(id => log - logits[id]) / 3;
        }
        Assert.AreEqual(expected, head.Loss(embeddings, texts, ScalarType.Float32).item<float>(), 1e-4);
        Assert.AreEqual(expected, head.Loss(embeddings, texts, ScalarType.BFloat16).item<float>(), 0.05 * expected);
    }

    [TestMethod]
    public void A_text_without_tokens_counts_nothing()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using var head = new BagOfWordsHead(model.Encoder);
        Tensor embeddings = randn(2, 16);
        double full = head.Loss(embeddings[..1], [[2, 10, 3]], ScalarType.Float32).item<float>();
        Assert.AreEqual(full / 2, head.Loss(embeddings, [[2, 10, 3], [2, 3]], ScalarType.Float32).item<float>(), 1e-6);
        Assert.AreEqual(0, head.Loss(embeddings, [[2, 3], [2, 3]], ScalarType.Float32).item<float>());
    }

    private static double[][] Rows(Tensor matrix) => [.. matrix.data<float>().ToArray().Select(value => (double)value).Chunk((int)matrix.size(1))];
}
