using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class SubTuningTests
{
    /// <summary>On an additive measure the greedy choice is that of brute force: members by falling worth, as long as the next brings the gain.</summary>
    [TestMethod]
    [DataRow(0.0, 4, "0,1,3,4")]
    [DataRow(0.15, 4, "1,3,4")]
    [DataRow(10.0, 4, "3")]
    [DataRow(0.0, 2, "3,4")]
    public void TheGreedyChoice(double gain, int most, string expected)
    {
        double[] worth = [0.5, 1, -1, 4, 2];
        var seen = new List<int>();
        int[] chosen = GreedySelection.Choose(worth.Length, most, gain, set => set.Sum(member => worth[member]), (set, _) => seen.Add(set.Length));
        Assert.AreEqual(expected, string.Join(',', chosen));
        CollectionAssert.AreEqual(Enumerable.Range(1, chosen.Length).ToArray(), seen);
    }

    /// <summary>A negated loss is below zero: −1.0 to −0.8 is a gain of a fifth.</summary>
    [TestMethod]
    [DataRow(0.19, 2)]
    [DataRow(0.21, 1)]
    public void GainsOfNegativeMeasures(double gain, int count) =>
        Assert.HasCount(count, GreedySelection.Choose(2, 2, gain, set => set.Length == 1 ? -1.0 : -0.8));

    [TestMethod]
    public void AMeasureThatIsNoNumberIsNoGain() => Assert.HasCount(1, GreedySelection.Choose(3, 3, 0, set => set.Length == 1 ? 0.5 : double.NaN));

    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    public void EveryRowIsMeasuredOnce(int count)
    {
        using Prepared prepared = Prepared.Create(new SubTuning());
        EncodedTexts all = prepared.Preparation.All;
        var folds = CrossValidation.Folds(all, count, seed: 3);
        Assert.HasCount(count, folds);
        Assert.AreEqual(all.Count, folds.Sum(fold => fold.Validation.Count));
        foreach ((EncodedTexts train, EncodedTexts validation) in folds)
        {
            Assert.AreEqual(all.Count, train.Count + validation.Count);
            for (int label = 0; label < 3; label++)
                Assert.AreEqual(all.Labels.Count(l => l == label) / (double)count, validation.Labels.Count(l => l == label), 1);
        }
        Assert.ThrowsExactly<ArgumentException>(() => CrossValidation.Folds(all, all.Count + 1, seed: 3));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void PreparationFindsLayersAndLeavesTheModelAsItWas(int folds)
    {
        var method = new SubTuning { Folds = folds, TrialSteps = 2, MaxLayers = 1 };
        using Prepared prepared = Prepared.Create(method, layers: 2);
        float[][] before = [.. prepared.Model.parameters().Select(p => p.data<float>().ToArray())];

        var resolved = (SubTuning)method.Prepare(prepared.Preparation);

        Assert.IsTrue(resolved.Layers is [0 or 1]);
        Assert.IsFalse(resolved.NeedsPreparation);
        foreach ((float[] expected, float[] actual) in before.Zip(prepared.Model.parameters().Select(p => p.data<float>().ToArray())))
            CollectionAssert.AreEqual(expected, actual);
    }

    [TestMethod]
    public void IsTrainedSavedAndLoaded()
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(new SubTuning { Folds = 1, TrialSteps = 2 }, TinyTexts.Options(epochs: 1)));
        CollectionAssert.AreEqual(new[] { 0 }, ((SubTuning)classifier.Adapter.Method).Layers);
        using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(classifier));
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Invalid.Expect(new SubTuning(), "Layers is null");
        Invalid.Expect(new SubTuning { Layers = [] }, "Layers is []");
        Invalid.Expect(new SubTuning { Layers = [0, 0] }, "[0, 0]");
        Invalid.Expect(new SubTuning { Layers = [2] }, "0 to 1");
        Invalid.Expect(new SubTuning { MinimumGain = -1 }, "MinimumGain is -1");
        Invalid.Expect(new SubTuning { MaxLayers = 0 }, "MaxLayers is 0");
        Invalid.Expect(new SubTuning { Folds = 0 }, "Folds is 0");
        Invalid.Expect(new SubTuning { TrialSteps = 0 }, "TrialSteps is 0");
    }
}
