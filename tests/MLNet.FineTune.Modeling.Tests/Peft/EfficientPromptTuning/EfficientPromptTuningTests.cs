using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class EfficientPromptTuningTests
{
    private static EfficientPromptTuning Small => new() { Length = 4, Rank = 3, Positions = 6, Spaces = 2, SpaceSize = 5 };

    /// <summary>Number by number, as the formulas have it.</summary>
    [TestMethod]
    public void PromptAndWordsAreThoseOfTheFormulas()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Small);
        ByHand.Move(adapter);
        float[,] Values(string name) => To2D(adapter.Own.Single(p => p.Name == "prompt." + name).Parameter);
        float[,] p = Values("prompt"), a = Values("lora_A"), b = Values("lora_B"), gate = Values("spaces.gate.weight");
        float[] gateBias = [.. adapter.Own.Single(x => x.Name == "prompt.spaces.gate.bias").Parameter.data<float>()];
        Tensor down = adapter.Own.Single(x => x.Name == "prompt.spaces.down").Parameter, up = adapter.Own.Single(x => x.Name == "prompt.spaces.up").Parameter;
        const int Prompt = 4, Rank = 3, Positions = 6, Spaces = 2, Size = 5, Width = 16, Length = 9;

        double Change(int place, int i) => Enumerable.Range(0, Rank).Sum(r => (double)a[place, r] * b[r, i]);
        var words = randn(2, Length, Width);
        using var input = new EncoderInput(zeros(2, Length, ScalarType.Int64));
        var actual = ((DecomposedPrompt)adapter.Placed.Single().Module).Adapt(words, input);

        CollectionAssert.AreEqual(new long[] { 2, Prompt + Length, Width }, actual.shape);
        for (int v = 0; v < Prompt; v++)
        {
            double[] attention = Softmax([.. Enumerable.Range(0, Positions).Select(place => Enumerable.Range(0, Width).Sum(i => p[v, i] * Change(place, i)) / Math.Sqrt(Width))]);
            double[] weights = Softmax([.. Enumerable.Range(0, Spaces).Select(k => gateBias[k] + Enumerable.Range(0, Width).Sum(i => (double)gate[k, i] * p[v, i]))]);
            for (int i = 0; i < Width; i++)
            {
                double expected = p[v, i] + Enumerable.Range(0, Positions).Sum(place => attention[place] * Change(place, i));
                for (int k = 0; k < Spaces; k++)
                    for (int s = 0; s < Size; s++)
                        expected += weights[k] * Math.Max(0, Enumerable.Range(0, Width).Sum(j => (double)p[v, j] * down[k, j, s].item<float>())) * up[k, s, i].item<float>();
                Assert.AreEqual(expected, actual[1, v, i].item<float>(), 1e-4);
            }
        }
        for (int place = 0; place < Length; place++)
            for (int i = 0; i < Width; i++)
                Assert.AreEqual(words[0, place, i].item<float>() + (place < Positions ? Change(place, i) : 0), actual[0, Prompt + place, i].item<float>(), 1e-5);
    }

    /// <summary>Fusion, projection and change begin at nothing.</summary>
    [TestMethod]
    public void ItBeginsAsPromptTuning()
    {
        using TaskModel model = TinyEncoder.Model("deberta-v2");
        manual_seed(2);
        using PeftAdapter plain = PeftAdapter.Attach(model, new PromptTuning { Length = 4 });
        float[] expected = TinyEncoder.Logits(model);
        plain.Active = false;
        manual_seed(2);
        using PeftAdapter adapter = PeftAdapter.Attach(model, Small);
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model));
    }

    [TestMethod]
    public void ADifferentPromptBeforeItMovesNoPlace()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Small);
        ByHand.Move(adapter);
        var module = (DecomposedPrompt)adapter.Placed.Single().Module;
        using var input = new EncoderInput(zeros(2, 5, ScalarType.Int64));
        Tensor words = randn(2, 5, 16), before = randn(2, 3, 16);

        Tensor alone = module.Adapt(words, input), after = module.Adapt(cat([before, words], 1), input);

        ByHand.AssertClose(cat([alone.narrow(1, 0, 4), before, alone.narrow(1, 4, 5)], 1), after);
    }

    [TestMethod]
    [DataRow("bert")]
    [DataRow("albert")]
    public void FinishFoldsFusionAndProjectionIn(string family)
    {
        using TaskModel model = TinyEncoder.Model(family);
        PeftAdapter adapter = PeftAdapter.Attach(model, Small);
        Trainee.Train(adapter, steps: 3);
        float[] expected = TinyEncoder.Logits(model);

        using PeftAdapter finished = adapter.Finish();

        float[] logits = TinyEncoder.Logits(model);
        for (int i = 0; i < logits.Length; i++)
            Assert.AreEqual(expected[i], logits[i], 1e-5f * Math.Max(1, Math.Abs(expected[i])));
        int width = model.Encoder.Config.EmbeddingSize;
        Assert.AreEqual(4 * width + 3 * (6 + width), finished.Own.Sum(p => p.Parameter.numel()));
        Assert.AreSame(finished, finished.Finish());
    }

    [TestMethod]
    public void TheChangeLearnsAtARateOfItsOwn()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        var method = new EfficientPromptTuning { Length = 4, LowRankLearningRateFactor = 0.25f };
        using PeftAdapter adapter = PeftAdapter.Attach(model, method);
        CollectionAssert.AreEqual((string[])["prompt.lora_A", "prompt.lora_B"], adapter.Trainable.Where(p => method.LearningRateScale(p) == 0.25).Select(p => p.Name).ToArray());
        Assert.IsTrue(adapter.Trainable.Where(p => method.LearningRateScale(p) != 0.25).All(p => method.LearningRateScale(p) == 1));
        Assert.AreEqual(16, adapter.Own.Single(p => p.Name == "prompt.lora_A").Parameter.size(0), "no more places than the encoder takes beside the prompt");
    }

    private static double[] Softmax(double[] scores)
    {
        double sum = scores.Sum(Math.Exp);
        return [.. scores.Select(score => Math.Exp(score) / sum)];
    }

    private static float[,] To2D(Tensor tensor)
    {
        var values = new float[tensor.size(0), tensor.size(1)];
        Buffer.BlockCopy(tensor.data<float>().ToArray(), 0, values, 0, sizeof(float) * values.Length);
        return values;
    }
}
