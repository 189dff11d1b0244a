using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class AdapterBankTests
{
    private static readonly IReadOnlyList<TextInput> Texts = TinyTexts.Test.Inputs;

    [TestMethod]
    public void GivesWhatEachModelGaveOnOneCopyOfTheEncoder()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder, "base");
        using TextClassifier first = Fit(source, new Lora { Rank = 2 }, 1), second = Fit(source, new Lora { Rank = 3, Bias = LoraBias.All }, 2);
        using var bank = new AdapterBank(source, CPU, Precision.Float32);
        bank.Copy("first", first);
        long tensors = LiveTensors.Count();
        bank.Copy("second", second);
        Assert.IsLessThan(60, LiveTensors.Count() - tensors, "an adapter, its kept biases and a head; no second encoder");
        CollectionAssert.AreEqual((string[])["first", "second"], bank.Names.ToArray());

        float[] one = TinyTexts.Scores(first, Texts), two = TinyTexts.Scores(second, Texts);
        CollectionAssert.AreNotEqual(one, two);
        for (int turn = 0; turn < 2; turn++)
        {
            AssertClose(one, bank.Score(Texts, ["first"]));
            AssertClose(two, bank.Score(Texts, ["second"]));
        }
        bank.Remove("first");
        AssertClose(two, bank.Score(Texts, ["second"]));
        Assert.Contains("no adapter 'first'; there are second", Assert.ThrowsExactly<ArgumentException>(() => bank.Score(Texts, ["first"])).Message);
        Assert.Contains("already", Assert.ThrowsExactly<ArgumentException>(() => bank.Copy("second", second)).Message);
    }

    [TestMethod]
    public void AStackIsTheSumOfTheUpdatesUnderTheLastHead()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder, "base");
        using TextClassifier first = Fit(source, new Lora { Rank = 2 }, 1), second = Fit(source, new Lora { Rank = 3 }, 2), head = Fit(source, new HeadOnly(), 3);
        using var bank = new AdapterBank(source, CPU, Precision.Float32);
        bank.Copy("first", first);
        bank.Copy("second", second);
        bank.Copy("head", head);
        bank.Merge("sum", new Dictionary<string, double> { ["first"] = 1, ["second"] = 1 }, new AdapterMergeOptions());
        float[] stacked = bank.Score(Texts, ["first", "second", "head"]);
        AssertClose(stacked, bank.Score(Texts, ["sum", "head"]));
        CollectionAssert.AreNotEqual(stacked, bank.Score(Texts, ["second", "head"]));

        bank.Save("sum", folder.File("sum"));
        bank.Load("again", folder.File("sum"));
        AssertClose(bank.Score(Texts, ["sum"]), bank.Score(Texts, ["again"]));
        bank.Merge("little", new Dictionary<string, double> { ["first"] = 1, ["second"] = 1 }, new AdapterMergeOptions { Rank = 1 });
        CollectionAssert.AreNotEqual(stacked, bank.Score(Texts, ["little", "head"]), "a rank too small loses something");
    }

    /// <summary>Not the order in which they were added: serial adapters read what those before them gave.</summary>
    [TestMethod]
    public void AStackAppliesInItsOwnOrder()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder, "base");
        BottleneckAdapter method = BottleneckAdapter.Houlsby() with { TrainNorms = false };
        using TextClassifier first = Fit(source, method, 1), second = Fit(source, method, 2), head = Fit(source, new HeadOnly(), 3);
        using AdapterBank bank = new(source, CPU, Precision.Float32), other = new(source, CPU, Precision.Float32);
        foreach ((string name, TextClassifier classifier) in new[] { ("first", first), ("second", second), ("head", head) })
            bank.Copy(name, classifier);
        foreach ((string name, TextClassifier classifier) in new[] { ("second", second), ("head", head), ("first", first) })
            other.Copy(name, classifier);

        float[] forwards = bank.Score(Texts, ["first", "second", "head"]), backwards = bank.Score(Texts, ["second", "first", "head"]);
        CollectionAssert.AreEqual(forwards, other.Score(Texts, ["first", "second", "head"]));
        CollectionAssert.AreEqual(backwards, other.Score(Texts, ["second", "first", "head"]));
        CollectionAssert.AreNotEqual(forwards, backwards);
    }

    /// <summary>A union whose parts multiply each other at one projection is merged as it computes.</summary>
    [TestMethod]
    public void AUnionAtOneProjectionIsMergedAsItComputes()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder, "base");
        var method = new PeftUnion(new Lora { Rank = 2, Targets = TargetModules.FeedForwardOut }, new Ia3 { Targets = TargetModules.FeedForwardOut });
        using TextClassifier union = FineTuner.Fit(TinyTexts.Task(method, encoder: source) with { Training = new() { Epochs = 3, LearningRate = 0.1 } });
        using var bank = new AdapterBank(source, CPU, Precision.Float32);
        bank.Copy("union", union);
        bank.Merge("merged", new Dictionary<string, double> { ["union"] = 1 }, new AdapterMergeOptions());
        AssertClose(bank.Score(Texts, ["union"]), bank.Score(Texts, ["merged"]));
    }

    [TestMethod]
    public void WeightsThatAreNoNumbersAreRefused()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder, "base");
        using TextClassifier first = Fit(source, new Lora { Rank = 2 }, 1);
        using var bank = new AdapterBank(source, CPU, Precision.Float32);
        bank.Copy("first", first);
        Assert.Contains("'first'", Assert.ThrowsExactly<ArgumentException>(() => bank.Merge("nothing", new Dictionary<string, double> { ["first"] = double.NaN }, new AdapterMergeOptions())).Message);
    }

    [TestMethod]
    public void ThePartOfWeightOneIsTheAdapterItself()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder, "base");
        using TextClassifier first = Fit(source, new Lora { Rank = 2 }, 1), second = Fit(source, new Lora { Rank = 3 }, 2);
        using var bank = new AdapterBank(source, CPU, Precision.Float32);
        bank.Copy("first", first);
        bank.Copy("second", second);
        bank.Merge("mostly", new Dictionary<string, double> { ["first"] = 1, ["second"] = 0 }, new AdapterMergeOptions());
        AssertClose(bank.Score(Texts, ["first"]), bank.Score(Texts, ["mostly"]));
    }

    [TestMethod]
    public void FoldersOfMethodsThatPythonDoesNotKnowAreReadToo()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder, "base");
        using TextClassifier head = Fit(source, new HeadOnly(), 1);
        using var bank = new AdapterBank(source, CPU, Precision.Float32);
        bank.Copy("head", head);
        bank.Save("head", folder.File("saved"));
        bank.Load("loaded", folder.File("saved"));
        AssertClose(TinyTexts.Scores(head, Texts), bank.Score(Texts, ["loaded"]));
        Assert.HasCount(2, Directory.GetFiles(folder.File("saved")), "no temporary file is left");
    }

    [TestMethod]
    public void ModelsOfOtherEncodersAndWithoutAdapterAreRefused()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder, "base"), other = Checkpoint(folder, "other", seed: 2);
        using TextClassifier foreign = Fit(other, new Lora(), 1), full = Fit(source, new FullFineTuning(), 1);
        using var bank = new AdapterBank(source, CPU, Precision.Float32);
        Assert.Contains("another encoder: they differ in 'embeddings", Assert.ThrowsExactly<ArgumentException>(() => bank.Copy("foreign", foreign)).Message);
        Assert.Contains("trains the encoder itself", Assert.ThrowsExactly<ArgumentException>(() => bank.Copy("full", full)).Message);
        Assert.IsEmpty(bank.Names);
    }

    private static EncoderSource Checkpoint(TemporaryFolder folder, string name, int seed = 1)
    {
        Directory.CreateDirectory(folder.File(name));
        TinyTexts.WriteCheckpoint(folder.File(name), seed);
        return EncoderSource.FromDirectory(folder.File(name));
    }

    private static TextClassifier Fit(EncoderSource source, PeftMethod method, int seed) => FineTuner.Fit(TinyTexts.Task(method, encoder: source) with { Seed = seed });

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4f);
    }
}
