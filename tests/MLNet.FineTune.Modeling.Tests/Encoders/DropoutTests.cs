using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Encoders;

[TestClass]
public sealed class DropoutTests
{
    private const int Elements = 400_000;

    [TestMethod]
    [DataRow(0.1, ScalarType.Float32)]
    [DataRow(0.5, ScalarType.Float32)]
    [DataRow(0.9, ScalarType.Float32)]
    [DataRow(0.1, ScalarType.BFloat16)]
    [DataRow(0.5, ScalarType.BFloat16)]
    public void ZeroesTheShareAskedForAndScalesTheRest(double probability, ScalarType type)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor mask = DropoutMask.Create(empty(Elements, type), probability).to(ScalarType.Float32);
        float[] values = mask.data<float>().ToArray();

        double zeros = values.Count(v => v == 0) / (double)Elements;
        double deviation = Math.Sqrt(probability * (1 - probability) / Elements);
        Assert.AreEqual(probability, zeros, 5 * deviation);
        float kept = values.Where(v => v != 0).Distinct().Single();
        Assert.AreEqual(1 / (1 - probability), kept, type == ScalarType.Float32 ? 1e-6 : 1e-2);
    }

    /// <summary>Counts of the patterns of neighbouring elements, at several distances, against independence (chi-square, 3 degrees of freedom, p = 1e-5).</summary>
    [TestMethod]
    [DataRow(1, ScalarType.Float32)]
    [DataRow(8, ScalarType.Float32)]
    [DataRow(16, ScalarType.Float32)]
    [DataRow(1, ScalarType.BFloat16)]
    [DataRow(16, ScalarType.BFloat16)]
    public void NeighboursAreIndependent(int distance, ScalarType type)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        const double p = 0.3;
        bool[] zero = [.. DropoutMask.Create(empty(Elements, type), p).eq(0).data<bool>()];
        var counts = new double[4];
        int pairs = 0;
        for (int i = 0; i + distance < zero.Length; i += 2 * distance, pairs++)
            counts[(zero[i] ? 2 : 0) + (zero[i + distance] ? 1 : 0)]++;
        double[] expected = [(1 - p) * (1 - p), (1 - p) * p, p * (1 - p), p * p];
        double chiSquare = counts.Zip(expected, (count, share) => Math.Pow(count - share * pairs, 2) / (share * pairs)).Sum();
        Assert.IsLessThan(25.9, chiSquare);
    }

    [TestMethod]
    public void EveryLengthIsFilledToItsEnd()
    {
        using var scope = NewDisposeScope();
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
            for (int length = 1; length <= 70; length++)
            {
                Tensor mask = full(length, 7f, dtype: type);
                DropoutMask.Fill(mask, seed: length, probability: 0.5);
                Assert.AreEqual(length, mask.eq(0).sum().item<long>() + mask.eq(2).sum().item<long>(), $"{type}, {length}");
            }
    }

    /// <summary>DistilBERT has no dropout on what attention gives, ALBERT none on what the feed-forward network gives.</summary>
    [TestMethod]
    [DataRow("bert", true, true)]
    [DataRow("distilbert", false, true)]
    [DataRow("albert", true, false)]
    [DataRow("deberta-v2", true, true)]
    public void EachFamilyDropsWhereItsModelDoes(string family, bool attention, bool feedForward)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json(family), ("hidden_dropout_prob", 0.5), ("dropout", 0.5)));
        TransformerLayer layer = model.Encoder.Layers[0];
        EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        layer.train();
        // Only the sublayer that is looked at changes anything.
        Tensor Sublayer(AdaptableLinear other)
        {
            (Tensor weight, Tensor bias) = (other.Weight.detach().clone(), other.Bias.detach().clone());
            other.Weight.zero_();
            other.Bias.zero_();
            Tensor first = model.Encode(input).LastHidden.clone(), second = model.Encode(input).LastHidden;
            other.Weight.copy_(weight);
            other.Bias.copy_(bias);
            return first.eq(second).all();
        }

        Assert.AreEqual(!attention, Sublayer(layer.FeedForwardOut).item<bool>());
        Assert.AreEqual(!feedForward, Sublayer(layer.Attention.Output).item<bool>());
    }

    [TestMethod]
    public void TheTorchGeneratorDecides()
    {
        using var scope = NewDisposeScope();
        Tensor like = empty(1000);
        manual_seed(3);
        Tensor first = DropoutMask.Create(like, 0.5), second = DropoutMask.Create(like, 0.5);
        manual_seed(3);
        Tensor again = DropoutMask.Create(like, 0.5);
        Assert.IsTrue(first.eq(again).all().item<bool>());
        Assert.IsFalse(first.eq(second).all().item<bool>());
    }

    [TestMethod]
    public void GradientsPassWhereElementsDid()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        Tensor x = rand(50, 20).add(1).requires_grad_(), residual = rand(50, 20).requires_grad_();
        Tensor output = Dropout.AddResidual(x, residual, 0.4);
        output.sum().backward();
        Tensor dropped = (output - residual).abs().lt(1e-6);
        Assert.IsTrue(x.grad!.eq(0).eq(dropped).all().item<bool>());
        Assert.IsTrue(residual.grad!.eq(1).all().item<bool>());
        Assert.IsTrue(allclose(output, residual + x * x.grad));
    }

    [TestMethod]
    public void ZeroProbabilityChangesNothing()
    {
        using var scope = NewDisposeScope();
        Tensor x = rand(10);
        Assert.AreSame(x, Dropout.Apply(x, 0));
    }
}
