using MLNet.FineTune.Models;

namespace MLNet.FineTune.Tests.Models;

/// <summary>Classifiers saved without their encoder.</summary>
[TestClass]
public sealed class AdapterOnlyTests
{
    [TestMethod]
    public void LoadsWithTheEncoderOnDisk()
    {
        using var folder = new TemporaryFolder();
        using TextClassifier classifier = Fit(folder.File("base"));
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        CollectionAssert.AreEquivalent((string[])["settings.json", "adapter_model.safetensors", "adapter_config.json"], files.Keys.ToArray());

        using TextClassifier loaded = TinyTexts.Load(files);
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
    }

    [TestMethod]
    [DataRow("weights")]
    [DataRow("config.json")]
    [DataRow("vocab.txt")]
    public void RefusesAnotherEncoder(string changed)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("base");
        using TextClassifier classifier = Fit(path);
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        if (changed == "weights")
            TinyTexts.WriteCheckpoint(path, change: tensors => tensors["bert.embeddings.LayerNorm.bias"] = tensors["bert.embeddings.LayerNorm.bias"] + 1e-3);
        else if (changed == "config.json")
            File.WriteAllText(Path.Combine(path, changed), File.ReadAllText(Path.Combine(path, changed)).Replace("{", """{"layer_norm_eps":0.1,""", StringComparison.Ordinal));
        else
            File.WriteAllText(Path.Combine(path, changed), TinyTexts.Vocabulary.Replace("red\n", "rot\n", StringComparison.Ordinal));

        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files));
        StringAssert.Contains(e.Message, classifier.Settings.EncoderSha256);
        StringAssert.Contains(e.Message, path);
        StringAssert.Contains(e.Message, "Embedded");
    }

    [TestMethod]
    public void SaysWhatIsMissingWhenTheEncoderIsGone()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, byte[]> files;
        using (TextClassifier classifier = Fit(folder.File("base")))
            files = TinyTexts.Save(classifier);
        File.Delete(folder.File("base/model.safetensors"));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files)).Message, "model.safetensors");
        Directory.Delete(folder.File("base"), recursive: true);
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files));
        StringAssert.Contains(e.Message, folder.File("base"));
        StringAssert.Contains(e.Message, "saved without its encoder");
    }

    [TestMethod]
    public void IsNotPossibleWithFullFineTuning()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => FineTuner.Fit(TinyTexts.Task(new FullFineTuning()) with { SavedWeights = SavedWeights.AdapterOnly }));
        StringAssert.Contains(e.Message, "'full'");
        StringAssert.Contains(e.Message, "Embedded");
    }

    [TestMethod]
    public void IsNotPossibleWithANewEncoder()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => FineTuner.Fit(TinyTexts.Task() with { SavedWeights = SavedWeights.AdapterOnly }));
        StringAssert.Contains(e.Message, "AdapterOnly");
        StringAssert.Contains(e.Message, "new encoder");
    }

    private static TextClassifier Fit(string directory)
    {
        TinyTexts.WriteCheckpoint(directory);
        return FineTuner.Fit(TinyTexts.Task(encoder: EncoderSource.FromDirectory(directory)) with { SavedWeights = SavedWeights.AdapterOnly });
    }
}
