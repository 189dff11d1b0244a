using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class FirstWordHeadTests
{
    [TestMethod]
    [DataRow("bert")]
    [DataRow("electra")]
    public void Equals_the_definition(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family);
        using var head = new FirstWordHead(model.Encoder);
        using (no_grad())
            foreach (var parameter in head.parameters())
                nn.init.normal_(parameter, 0, 0.5);
        int[][] texts = [[2, 10, 11, 10, 3], [2, 12, 3], [2, 3]];
        Tensor embeddings = randn(3, model.Encoder.Config.HiddenSize);

        double[][] rows = Rows(embeddings.matmul(head.get_parameter("projection.weight")!.t()) + head.get_parameter("projection.bias")!);
        double[][] words = Rows(model.Encoder.Embeddings.Word.Weight);
        float[] bias = [.. head.Bias.data<float>()];
        double Loss(int text, int token)
        {
            double[] logits = [.. words.Select((word, id) => bias[id] + word.Zip(rows[text]).Sum(pair => pair.First * pair.Second))];
            return Math.Log(logits.Sum(Math.Exp)) - logits[token];
        }

        // The third text has no word, and counts nothing.
        double expected = (Loss(0, 10) + Loss(1, 12)) / 3;
        Assert.AreEqual(expected, head.Loss(embeddings, texts, ScalarType.Float32).item<float>(), 1e-4);
        Assert.AreEqual(expected, head.Loss(embeddings, texts, ScalarType.BFloat16).item<float>(), 0.05 * expected);
    }

    private static double[][] Rows(Tensor matrix) => [.. matrix.data<float>().ToArray().Select(value => (double)value).Chunk((int)matrix.size(1))];
}
