using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class PseudoLabelsTests
{
    [TestMethod]
    public void ProbabilitiesConfidenceAndEntropyAreThoseOfTheFormulas()
    {
        // Softmax of (ln 1, ln 2, ln 5) is (1, 2, 5) / 8.
        PseudoLabels labels = PseudoLabels.FromLogits([0, MathF.Log(2), MathF.Log(5), 3, 3, 3], 3);
        CollectionAssert.AreEqual(new[] { 0.125f, 0.25f, 0.625f }, labels[0].ToArray().Select(p => MathF.Round(p, 6)).ToArray());
        Assert.AreEqual(2, labels.Label(0));
        Assert.AreEqual(0.625, labels.Confidence(0), 1e-6);
        double entropy = -(0.125 * Math.Log(0.125) + 0.25 * Math.Log(0.25) + 0.625 * Math.Log(0.625)) / Math.Log(3);
        Assert.AreEqual(entropy, labels.Entropy(0), 1e-6);
        Assert.AreEqual(1, labels.Entropy(1), 1e-6);
        CollectionAssert.AreEqual(new[] { 1, 0, 1 }, labels.CountPerClass([0, 1]));
    }

    [TestMethod]
    public void ATemperatureDividesTheLogits()
    {
        // exp(ln 16 / 2) = 4.
        PseudoLabels labels = PseudoLabels.FromLogits([0, MathF.Log(16)], 2, temperature: 2);
        Assert.AreEqual(0.8, labels.Confidence(0), 1e-6);
    }

    [TestMethod]
    public void AHundredThousandTextsArePredictedInFlatMemory()
    {
        const int Rows = 100_000, Classes = 3;
        var random = new Random(1);
        Encoding[] rows = [.. Enumerable.Range(0, Rows).Select(i => new Encoding([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => i % 997)], []))];
        using TaskModel model = TinyEncoder.Model("bert", 1);
        var texts = new TextBatches(rows, model.Encoder.Config);
        long before = LiveTensors.Count();
        long most = 0;
        var scores = new float[Rows * Classes];
        texts.Score(batch =>
        {
            most = Math.Max(most, LiveTensors.Count() - before);
            // The first token decides the class: no encoder is needed to see that rows keep their order.
            return tensor([.. batch.SelectMany(row => Enumerable.Range(0, Classes).Select(c => texts[row].Ids[0] % Classes == c ? 4f : 0f))], [batch.Length, Classes]);
        }, batchSize: 256, scores, null);
        PseudoLabels labels = PseudoLabels.FromLogits(scores, Classes);

        Assert.AreEqual(before, LiveTensors.Count());
        Assert.IsLessThanOrEqualTo(2, most);
        (int[] kept, _) = new PseudoLabelSelection(PerClass: 1000).Select(labels);
        Assert.HasCount(3000, kept);
        Assert.IsTrue(Enumerable.Range(0, Rows).All(row => labels.Label(row) == row % 997 % Classes));
    }
}
