using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class TrainingModeTests
{
    /// <summary>Below what trains nothing varies: the states of a text may be kept from epoch to epoch.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void TheFrozenPartIsDeterministicInTraining(string family)
    {
        Assert.IsTrue(StatesRepeat(family, new HeadOnly(), state: 2), "head only: the whole encoder");
        Assert.IsFalse(StatesRepeat(family, new FullFineTuning(), state: 0), "full: dropout from the embeddings on");
        Assert.IsFalse(StatesRepeat(family, new Lora { Layers = [0] }, state: 1), "an update in the first layer: dropout there");
        Assert.IsTrue(StatesRepeat(family, new Lora { Layers = [0] }, state: 0), "and none below it");
        if (family != "albert") // its layers are one
            Assert.IsTrue(StatesRepeat(family, new Lora { Layers = [1] }, state: 1), "an update in the second layer: none in the first");
    }

    [TestMethod]
    public void EvaluationReturnsToTraining()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Dropout = 0.5f });
        var mode = new TrainingMode(model, adapter);
        mode.Train();
        Assert.ThrowsExactly<TimeoutException>(() => mode.Evaluate<int>(() =>
        {
            Assert.IsFalse(model.Head.training || adapter.Placed[0].Module.training || model.Encoder.Layers[0].training);
            throw new TimeoutException();
        }));
        Assert.IsTrue(model.Head.training && adapter.Placed[0].Module.training && model.Encoder.Layers[0].training);
        Assert.IsFalse(model.Encoder.Embeddings.training, "frozen, below all updates");
    }

    /// <summary>An adapter put on a model that scores must not drop out its input.</summary>
    [TestMethod]
    public void AnAdapterTakesTheModeOfItsModel()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using (PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Dropout = 0.5f }))
            Assert.IsFalse(adapter.Placed.Any(placed => placed.Module.training));
        model.train();
        using (PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Dropout = 0.5f }))
            Assert.IsTrue(adapter.Placed.All(placed => placed.Module.training));
    }

    private static bool StatesRepeat(string family, PeftMethod method, int state)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(family == "distilbert"
            ? TinyEncoder.With(TinyEncoder.Json(family), ("dropout", 0.5), ("attention_dropout", 0.5))
            : TinyEncoder.With(TinyEncoder.Json(family), ("hidden_dropout_prob", 0.5), ("attention_probs_dropout_prob", 0.5)));
        using PeftAdapter adapter = PeftAdapter.Attach(model, method);
        new TrainingMode(model, adapter).Train();
        EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        Tensor State() => model.Encoder.Forward(input, allHiddenStates: true).HiddenStates[state];
        return State().eq(State()).all().item<bool>();
    }
}
