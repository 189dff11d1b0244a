using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class TextClassifierTests
{
    public static IEnumerable<object[]> Methods => MethodCases.All.Select(row => new object[] { row.Name });

    [TestMethod]
    [DataRow(Precision.Float32, 1e-5f)]
    [DataRow(Precision.BFloat16, 2e-2f)]
    public void ScoresDoNotDependOnTheCompanyOfARow(Precision precision, float tolerance)
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task() with { Precision = precision });
        TextInput[] inputs = [.. TinyTexts.Test.Inputs];
        float[] together = TinyTexts.Scores(classifier, inputs);

        int[] order = [.. Enumerable.Range(0, inputs.Length)];
        new Random(3).Shuffle(order);
        float[] shuffled = TinyTexts.Scores(classifier, [.. order.Select(i => inputs[i])]);
        for (int i = 0; i < inputs.Length; i++)
        {
            AssertClose(Row(together, order[i]), Row(shuffled, i), tolerance);
            AssertClose(Row(together, i), TinyTexts.Scores(classifier, [inputs[i]]), tolerance);
        }
    }

    /// <summary>More texts than are tokenised at once; a head with a dense layer, and one that sits on the embedding.</summary>
    [TestMethod]
    [DataRow(null)]
    [DataRow(PoolingMode.Mean)]
    public void EmbeddingsAndScoresTogetherAreThoseApart(PoolingMode? pooling)
    {
        TrainingOptions training = TinyTexts.Options(epochs: 1);
        training.BatchSize = 2;
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(training: training) with { Pooling = pooling });
        IReadOnlyList<TextInput> inputs = TinyTexts.Create(5, 150).Inputs;
        float[] embeddings = new float[inputs.Count * classifier.Dimension], logits = new float[inputs.Count * classifier.ClassCount], alone = new float[embeddings.Length];
        int batches = 0;
        classifier.EmbedAndScore(inputs, embeddings, logits, () => batches++);
        classifier.Embed(inputs, alone);
        AssertClose(alone, embeddings, 1e-5f);
        AssertClose(TinyTexts.Scores(classifier, inputs), logits, 1e-5f);
        Assert.AreEqual(75, batches, "each text is encoded once");
    }

    /// <summary>The first scores of a classifier in 16 bits cast its frozen weights: eight threads do so at once.</summary>
    [TestMethod]
    [DataRow(Precision.Float32)]
    [DataRow(Precision.BFloat16)]
    public void EightThreadsScoreAsOne(Precision precision)
    {
        using TextClassifier trained = FineTuner.Fit(TinyTexts.Task() with { Precision = precision });
        float[] expected = TinyTexts.Scores(trained, TinyTexts.Test.Inputs);
        using TextClassifier classifier = TinyTexts.Load(TinyTexts.Save(trained));
        using var together = new Barrier(8);
        var results = new float[8][][];
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(t => new Thread(() =>
        {
            together.SignalAndWait();
            results[t] = [.. Enumerable.Range(0, 3).Select(_ => TinyTexts.Scores(classifier, TinyTexts.Test.Inputs))];
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        foreach (float[] result in results.SelectMany(r => r))
            CollectionAssert.AreEqual(expected, result);
    }

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void LoadedScoresAreBitEqual(string name)
    {
        MethodCase row = MethodCases.All.Single(row => row.Name == name);
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(row.Create()));
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        using TextClassifier loaded = TinyTexts.Load(files);

        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
        Assert.AreEqual(row.SwitchesOff, files.ContainsKey("adapter_model.safetensors"));
        Assert.AreEqual(row.LeavesPeftFiles, files.ContainsKey("adapter_config.json"));
        Dictionary<string, byte[]> again = TinyTexts.Save(loaded);
        foreach (string file in files.Keys.Where(file => file != "adapter_config.json"))
            CollectionAssert.AreEqual(files[file], again[file], file);
    }

    [TestMethod]
    [DataRow(PoolingMode.Cls)]
    [DataRow(PoolingMode.Mean)]
    [DataRow(PoolingMode.Max)]
    public void PoolingIsKept(PoolingMode pooling)
    {
        foreach (PeftMethod method in new PeftMethod[] { new FullFineTuning(), new Lora() })
        {
            using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(method) with { Pooling = pooling });
            using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(classifier));
            Assert.AreEqual(pooling.ToString(), loaded.Settings.Pooling?.ToString());
            CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
        }
    }

    [TestMethod]
    public void SettingsAreKept()
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task() with { MaxLength = 7, Truncation = Truncation.HeadTail, Precision = Precision.BFloat16 });
        using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(classifier));
        TextClassifierSettings settings = loaded.Settings;
        Assert.AreEqual((3, 7, Truncation.HeadTail, 8, Precision.BFloat16), (settings.ClassCount, settings.MaxLength, settings.Truncation, settings.BatchSize, settings.Precision));
        Assert.AreEqual(new Lora { Targets = TargetModules.AllLinear }, settings.PeftMethod);
    }

    [TestMethod]
    public void DisposingFreesEverything()
    {
        _ = TinyTexts.Train;
        long tensors = LiveTensors.Count();
        for (int i = 0; i < 3; i++)
        {
            Dictionary<string, byte[]> files;
            using (TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(i == 0 ? new FullFineTuning() : new Lora(), TinyTexts.Options(epochs: 1)) with { Precision = i == 2 ? Precision.BFloat16 : Precision.Float32 }))
            {
                TinyTexts.Scores(classifier, TinyTexts.Test.Inputs);
                files = TinyTexts.Save(classifier);
            }
            Assert.AreEqual(tensors, LiveTensors.Count(), "after training");
            using (TextClassifier loaded = TinyTexts.Load(files))
                TinyTexts.Scores(loaded, TinyTexts.Test.Inputs);
            Assert.AreEqual(tensors, LiveTensors.Count(), "after loading");
        }
    }

    /// <summary>A caller's dispose scope must not take a model's weights with it.</summary>
    [TestMethod]
    public void OutlivesTheDisposeScopeItWasMadeIn()
    {
        TextClassifier classifier, loaded;
        using (NewDisposeScope())
        {
            classifier = FineTuner.Fit(TinyTexts.Task(training: TinyTexts.Options(epochs: 1)));
            loaded = TinyTexts.Load(TinyTexts.Save(classifier));
        }
        using (classifier)
        using (loaded)
            CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
    }

    [TestMethod]
    public void CheckAliveIsCalledForEveryBatch()
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(training: TinyTexts.Options(epochs: 1)));
        int calls = 0;
        classifier.Score(TinyTexts.Test.Inputs, new float[30 * 3], () => calls++);
        Assert.AreEqual(4, calls, "30 rows in batches of 8");
    }

    [TestMethod]
    public void ScoresAreInTheOrderOfTheRowsAndEmptyTextsAreTexts()
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(training: TinyTexts.Options(epochs: 1)));
        TextInput[] inputs = [new("the very very very very old red house"), new(""), new("blue")];
        float[] all = TinyTexts.Scores(classifier, inputs);
        for (int i = 0; i < inputs.Length; i++)
            AssertClose(TinyTexts.Scores(classifier, [inputs[i]]), Row(all, i), 1e-5f);
        Assert.HasCount(0, TinyTexts.Scores(classifier, []));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TinyTexts.Scores(classifier, [new("a"), new(null!)])).Message, "row 1");
    }

    private static float[] Row(float[] scores, int row) => scores[(3 * row)..(3 * row + 3)];

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])));
    }
}
