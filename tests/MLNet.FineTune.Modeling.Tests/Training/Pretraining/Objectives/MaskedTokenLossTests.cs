using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class MaskedTokenLossTests
{
    /// <summary>The head in plain numbers: dense, exact GELU, LayerNorm, product with the word embeddings.</summary>
    [TestMethod]
    [DataRow("bert")]
    [DataRow("electra")]
    public void Equals_the_definition(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.Json(family), task: TextTask.MaskedLanguageModel);
        var head = (MaskedLanguageModelHead)model.Head;
        int[][] texts = TinyEncoder.Rows(1, 9, 4, 12, 7);
        // The third text is a positive: it has no targets.
        List<(int Position, int Id)>[] targets = [[(2, 10), (5, 11)], [(1, 12)]];
        var batch = new EncodedBatch(PoolingMode.Mean)
        {
            Texts = texts, AnchorCount = 2, Targets = targets, Stretches = EncodedStretch.Encode(model.Encoder, texts, allHiddenStates: false),
        };

        double expected = 0;
        for (int text = 0; text < 2; text++)
        {
            using EncoderInput input = EncoderInput.Create([texts[text]], null, model.Encoder.Config, CPU);
            double[][] hidden = Rows(model.Encoder.Forward(input).LastHidden[0]);
            foreach ((int position, int id) in targets[text])
                expected += NegativeLogProbability(head, model.Encoder, hidden[position], id) / 3;
        }
        Assert.AreEqual(expected, new MaskedTokenLoss(head, 1).Compute(batch).item<float>(), 1e-4 * expected);
    }

    [TestMethod]
    public void Nothing_to_predict_gives_zero_that_can_be_derived()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.Json("bert"), task: TextTask.MaskedLanguageModel);
        var batch = new EncodedBatch(PoolingMode.Mean)
        {
            Texts = [[2, 1, 3]], AnchorCount = 1, Targets = [[]], Stretches = EncodedStretch.Encode(model.Encoder, [[2, 1, 3]], allHiddenStates: false),
        };
        Tensor loss = new MaskedTokenLoss((MaskedLanguageModelHead)model.Head, 1).Compute(batch);
        loss.backward();
        Assert.AreEqual(0, loss.item<float>());
    }

    private static double NegativeLogProbability(MaskedLanguageModelHead head, TransformerEncoder encoder, double[] hidden, int id)
    {
        double[] dense = [.. Product(Rows(head.Dense.Weight), hidden).Zip(Values(head.Dense.Bias), (product, bias) => Gelu(product + bias))];
        double mean = dense.Average(), deviation = Math.Sqrt(dense.Average(value => (value - mean) * (value - mean)) + encoder.Config.LayerNormEpsilon);
        float[] gain = Values(head.get_parameter("norm.weight")!), shift = Values(head.get_parameter("norm.bias")!);
        double[] normal = [.. dense.Select((value, i) => (value - mean) / deviation * gain[i] + shift[i])];
        double[] logits = [.. Product(Rows(encoder.Embeddings.Word.Weight), normal).Zip(Values(head.Bias), (product, bias) => product + bias)];
        double largest = logits.Max();
        return largest + Math.Log(logits.Sum(logit => Math.Exp(logit - largest))) - logits[id];
    }

    /// <summary>x Φ(x), Φ by Simpson's rule over the density.</summary>
    private static double Gelu(double x)
    {
        const int Steps = 2000;
        double step = x / Steps, sum = 0;
        for (int i = 0; i <= Steps; i++)
            sum += (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-0.5 * Math.Pow(i * step, 2));
        return x * (0.5 + sum * step / 3 / Math.Sqrt(2 * Math.PI));
    }

    private static IEnumerable<double> Product(double[][] matrix, double[] vector) => matrix.Select(row => row.Zip(vector).Sum(pair => pair.First * pair.Second));

    private static float[] Values(Tensor tensor) => [.. tensor.contiguous().data<float>()];

    private static double[][] Rows(Tensor matrix) => [.. Values(matrix).Select(value => (double)value).Chunk((int)matrix.size(1))];
}
