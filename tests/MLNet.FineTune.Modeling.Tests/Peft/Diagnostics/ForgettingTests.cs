using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class ForgettingTests
{
    /// <summary>Nothing trained, nothing forgotten; what is changed shows, and the model is as it was afterwards.</summary>
    [TestMethod]
    public void AnUnchangedEncoderForgetsNothing()
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path, change: AddHead(uniform: false));
        using PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.Path);
        using TaskModel model = encoder.CreateClassifier(new(3), CPU);
        model.eval();
        ForgettingReport same = Forgetting.Measure(encoder, model, TinyTexts.Test.Inputs, seed: 4);
        Assert.AreEqual(same.LossBefore, same.LossAfter);
        Assert.AreEqual(0, same.Increase);

        using PeftAdapter adapter = PeftAdapter.Attach(model, new BitFit());
        using (no_grad())
            foreach (AdapterParameter parameter in adapter.Trainable)
                parameter.Parameter.add_(1.5);
        ForgettingReport changed = Forgetting.Measure(encoder, model, TinyTexts.Test.Inputs, seed: 4);
        Assert.AreEqual(same.LossBefore, changed.LossBefore);
        Assert.AreEqual(same.TokenCount, changed.TokenCount);
        Assert.AreNotEqual(0, changed.Increase, 1e-3);
        adapter.Active = false;
        Assert.AreEqual(same, Forgetting.Measure(encoder, model, TinyTexts.Test.Inputs, seed: 4));
        Assert.IsFalse(model.training);
    }

    /// <summary>A head that says nothing of the token gives the logarithm of the vocabulary for each, whatever the encoder.</summary>
    [TestMethod]
    public void AHeadWithoutOpinionGivesTheLogarithmOfTheVocabulary()
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path, change: AddHead(uniform: true));
        using PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.Path);
        using TaskModel model = encoder.CreateClassifier(new(3), CPU);
        ForgettingReport report = Forgetting.Measure(encoder, model, TinyTexts.Test.Inputs);
        Assert.AreEqual(Math.Log(encoder.Config.VocabularySize), report.LossBefore, 1e-5);
        Assert.AreEqual(Math.Log(encoder.Config.VocabularySize), report.LossAfter, 1e-5);
        // One token at least of each text, 15 % of all in the mean.
        Assert.IsTrue(report.TokenCount >= TinyTexts.Test.Inputs.Count && report.TokenCount < 3 * TinyTexts.Test.Inputs.Count, $"{report.TokenCount}");
        Assert.IsTrue(model.training);
    }

    [TestMethod]
    public void ACheckpointWithoutThatHeadIsRefused()
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path);
        using PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.Path);
        using TaskModel model = encoder.CreateClassifier(new(3), CPU);
        Assert.Contains("no head", Assert.ThrowsExactly<NotSupportedException>(() => Forgetting.Measure(encoder, model, TinyTexts.Test.Inputs)).Message);
    }

    private static Action<Dictionary<string, Tensor>> AddHead(bool uniform) => tensors =>
    {
        Tensor words = tensors["bert.embeddings.word_embeddings.weight"];
        tensors["cls.predictions.transform.dense.weight"] = eye(words.size(1));
        tensors["cls.predictions.transform.dense.bias"] = zeros(words.size(1));
        // A gain of zero makes all logits zero.
        tensors["cls.predictions.transform.LayerNorm.weight"] = uniform ? zeros(words.size(1)) : ones(words.size(1));
        tensors["cls.predictions.transform.LayerNorm.bias"] = zeros(words.size(1));
        tensors["cls.predictions.bias"] = zeros(words.size(0));
    };
}
