using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class PTuningV2Tests
{
    /// <summary>Tags: one for each token of the text, the prefix has none.</summary>
    [TestMethod]
    [DataRow("bert", 4)]
    [DataRow("distilbert", 0)]
    public void TaggersSeeTheTokensOfTheText(string family, int shift)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.Json(family), task: TextTask.TokenClassification);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PTuningV2 { Length = 4 });
        int[] row = TinyEncoder.Rows(4, 8)[0];
        Tensor tags = model.Forward(EncoderInput.Create([row], null, model.Encoder.Config, CPU));
        adapter.Active = false;

        Tensor hidden = ByHand.BelowPrefix(model, row, adapter.Own.Single().Parameter, shift);
        ByHand.AssertClose(((FineTune.Heads.TokenHead)model.Head).Output.Forward(hidden), tags);
    }

    [TestMethod]
    public void ItComputesWhatPrefixTuningComputes()
    {
        using TaskModel model = TinyEncoder.Model("roberta");
        manual_seed(3);
        using PeftAdapter deep = PeftAdapter.Attach(model, new PTuningV2 { Length = 4 });
        float[] expected = TinyEncoder.Logits(model);
        deep.Active = false;
        manual_seed(3);
        using PeftAdapter prefix = PeftAdapter.Attach(model, new PrefixTuning { Length = 4, Projection = false });
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model));
    }

    [TestMethod]
    public void FinishLeavesTheTableAlone()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        PeftAdapter adapter = PeftAdapter.Attach(model, new PTuningV2 { Length = 3, Projection = true, ProjectionHiddenSize = 8 });
        float[] expected = TinyEncoder.Logits(model);
        using PeftAdapter finished = adapter.Finish();
        float[] logits = TinyEncoder.Logits(model);
        for (int i = 0; i < logits.Length; i++)
            Assert.AreEqual(expected[i], logits[i], 1e-5f * Math.Max(1, Math.Abs(expected[i])));
        Assert.AreEqual("prompt_embeddings", finished.Method.FileName(finished.Own.Single(), model.Names));
    }
}
