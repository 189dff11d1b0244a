using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class PtecTests
{
    [TestMethod]
    public void TheHeadLearnsAtARateOfItsOwn()
    {
        var scales = new Dictionary<string, double>();
        FineTuneTask task = TinyTexts.Task(new PromptTunedEmbeddingClassification { Length = 4, HeadLearningRateFactor = 0.125f }, TinyTexts.Options(epochs: 1)) with
        {
            Callbacks = [new Look(state =>
            {
                foreach (ParameterGroup group in state.Groups)
                    foreach (NamedParameter member in group.Parameters)
                        scales[member.Name] = group.LearningRateScale;
            })],
        };
        using TextClassifier classifier = FineTuner.Fit(task);

        Assert.AreEqual(1, scales["prompt.vectors.table"]);
        Assert.IsTrue(scales.Keys.Any(name => name.StartsWith("head.", StringComparison.Ordinal)));
        Assert.IsTrue(scales.Where(scale => scale.Key != "prompt.vectors.table").All(scale => scale.Key.StartsWith("head.", StringComparison.Ordinal) && scale.Value == 0.125));
    }

    /// <summary>In all but its training it is prompt tuning.</summary>
    [TestMethod]
    public void ItComputesWhatPromptTuningComputes()
    {
        using TaskModel model = TinyEncoder.Model("roberta");
        int[] tokens = [8, 9];
        using PeftAdapter ptec = PeftAdapter.Attach(model, new PromptTunedEmbeddingClassification { Length = 3, Initialization = PromptInitialization.Text, InitialTokens = tokens });
        float[] expected = TinyEncoder.Logits(model);
        ptec.Active = false;
        using PeftAdapter prompt = PeftAdapter.Attach(model, new PromptTuning { Length = 3, Initialization = PromptInitialization.Text, InitialTokens = tokens });
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model));
    }

    [TestMethod]
    public void ItBeginsAsTheNamesOfTheClasses()
    {
        var method = new PromptTunedEmbeddingClassification { Length = 4, Initialization = PromptInitialization.Text, InitialText = "red green blue" };
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(method, TinyTexts.Options(epochs: 1)));
        Assert.HasCount(3, ((PromptTunedEmbeddingClassification)classifier.Adapter.Method).InitialTokens!);
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(float.NaN)]
    public void OptionsOutOfRangeAreNamed(float factor) => StringAssert.Contains(
        Assert.ThrowsExactly<ArgumentException>(() => new PromptTunedEmbeddingClassification { HeadLearningRateFactor = factor }.Validate()).Message, "HeadLearningRateFactor");

    private sealed class Look(Action<TrainingState> action) : ITrainingCallback
    {
        public void OnTrainingStart(TrainingState state) => action(state);
    }
}
