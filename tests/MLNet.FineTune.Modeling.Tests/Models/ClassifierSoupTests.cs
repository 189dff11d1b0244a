using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tests.Peft;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class ClassifierSoupTests
{
    [TestMethod]
    [DataRow("full")]
    [DataRow("lora-all-linear")]
    [DataRow("head")]
    [DataRow("bitfit")]
    public void AMixIsTheMeanOfWhatWasTrained(string method)
    {
        using TextClassifier first = Fit(method, 1e-2), second = Fit(method, 3e-2), third = Fit(method, 2e-2);
        using var soup = new ClassifierSoup([first, second, third]);
        CollectionAssert.AreEqual(TinyTexts.Scores(second, TinyTexts.Test.Inputs), TinyTexts.Scores(soup.Mix([1]), TinyTexts.Test.Inputs), "of one it is that one");

        using TextClassifier mixed = MixedAndTaken(soup);
        (Dictionary<string, float[]> a, Dictionary<string, float[]> b) = (Weights(first), Weights(third));
        foreach ((string name, float[] values) in Weights(mixed))
            for (int i = 0; i < values.Length; i++)
                Assert.AreEqual((float)(((double)a[name][i] + b[name][i]) / 2), values[i], 1e-7f, name);
        Assert.IsTrue(a.Any(weights => !weights.Value.SequenceEqual(b[weights.Key])), "there is something to average");
        using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(mixed));
        CollectionAssert.AreEqual(TinyTexts.Scores(mixed, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
    }

    [TestMethod]
    public void NoTensorIsLeftOver()
    {
        using TextClassifier first = Fit("lora-all-linear", 1e-2), second = Fit("lora-all-linear", 3e-2);
        long before = LiveTensors.Count();
        using (var soup = new ClassifierSoup([first, second]))
        {
            soup.Mix([0]);
            long mixed = LiveTensors.Count();
            soup.Mix([0, 1]);
            Assert.AreEqual(mixed, LiveTensors.Count());
        }
        Assert.AreEqual(before, LiveTensors.Count());
    }

    [TestMethod]
    public void ModelsThatDifferInMoreAreRefusedNamingTheDifference()
    {
        using TextClassifier model = Fit("lora-all-linear", 1e-2);
        void Refused(FineTuneTask task, string difference)
        {
            using TextClassifier other = FineTuner.Fit(task);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new ClassifierSoup([model, model, other])).Message, $"Models 0 and 2 have different {difference}");
        }

        FineTuneTask same = Task("lora-all-linear", 1e-2);
        Refused(same with { Peft = ((Lora)same.Peft) with { Rank = 2 } }, "methods: ");
        Refused(same with { ClassCount = 4 }, "numbers of classes: 3 and 4");
        Refused(same with { Pooling = PoolingMode.Max }, "ways of pooling");
        Refused(same with { Seed = 2 }, "encoders: weights that were not trained are not the same in 'encoder.");
        Refused(same with { Encoder = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 2, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, MaxLength = 24, VocabularySize = 200 }) }, "encoders, by their configurations");
        using TextClassifier sparse = Fit("sparse-random", 1e-2), moved = Fit("sparse-random", 3e-2);
        using (no_grad())
            moved.Adapter.State[0].Tensor.Add_(1);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new ClassifierSoup([sparse, moved])).Message, "fixed parts of the method 'sparse', which cannot be averaged");
    }

    private static TextClassifier MixedAndTaken(ClassifierSoup soup)
    {
        soup.Mix([0, 2]);
        return soup.Take();
    }

    private static TextClassifier Fit(string method, double rate) => FineTuner.Fit(Task(method, rate));

    private static FineTuneTask Task(string method, double rate)
    {
        TrainingOptions options = TinyTexts.Options();
        (options.LearningRate, options.MaxSteps) = (rate, 6);
        return TinyTexts.Task(MethodCases.All.Single(row => row.Name == method).Create(), options);
    }

    private static Dictionary<string, float[]> Weights(TextClassifier classifier) =>
        classifier.Adapter.Trainable.ToDictionary(parameter => parameter.Name, parameter => parameter.Parameter.data<float>().ToArray());
}
