using System.Text;
using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Peft;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>Pairs whose texts are read each by itself.</summary>
[TestClass]
public sealed class SeparatePairsTests
{
    private static readonly LabelledTexts Train = Pairs(1, 160), Test = Pairs(2, 80);

    public static IEnumerable<object[]> Methods => MethodCases.All.Select(row => new object[] { row.Name });

    [TestMethod]
    public void OneLayerLearnsWhetherTwoTextsAreOfOneKind()
    {
        FineTuneTask task = Task(new FullFineTuning(), PairEncoding.Separate, epochs: 15);
        task.Training.LearningRate = 5e-3;
        using TextClassifier classifier = FineTuner.Fit(task with { Data = Pairs(3, 480) });
        Assert.IsGreaterThan(0.9, TinyTexts.Accuracy(classifier, Test));
    }

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void WithEveryMethodWhatIsSavedScoresTheSame(string name)
    {
        using TextClassifier classifier = FineTuner.Fit(Task(MethodCases.All.Single(row => row.Name == name).Create(), PairEncoding.Separate, epochs: 1));
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        using TextClassifier loaded = TinyTexts.Load(files);
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, Test.Inputs), TinyTexts.Scores(loaded, Test.Inputs));
        Assert.AreEqual(6, loaded.Settings.Format);
        Assert.IsTrue(loaded.Settings.SeparatePairs);
    }

    [TestMethod]
    public void ScoresAreThoseOfTheComparedVectors()
    {
        using TextClassifier classifier = FineTuner.Fit(Task(new HeadOnly(), PairEncoding.Separate, epochs: 2));
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        TaskModel model = classifier.Adapter.Model;
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        using PretrainedEncoder encoder = SavedEncoder.Open(name => files[name], [.. JsonNode.Parse(files["settings.json"])!["TokenizerFiles"]!.AsArray().Select(name => (string)name!)]);
        float[][] weight = Rows(model.get_parameter("head.output.weight")!);
        float[] bias = model.get_parameter("head.output.bias")!.data<float>().ToArray(), scores = TinyTexts.Scores(classifier, Test.Inputs);
        for (int row = 0; row < 5; row++)
        {
            double[] u = Vector(Test.Inputs[row].Text), v = Vector(Test.Inputs[row].Pair!);
            double[] features = [.. u, .. v, .. u.Zip(v, (x, y) => Math.Abs(x - y)), .. u.Zip(v, (x, y) => x * y)];
            for (int label = 0; label < 2; label++)
                Assert.AreEqual(weight[label].Zip(features, (w, x) => w * x).Sum() + bias[label], scores[2 * row + label], 1e-4);
        }

        // The mean of a text's tokens, read alone, with a root mean square of 1.
        double[] Vector(string text)
        {
            using EncoderInput input = EncoderInput.Create([encoder.Tokenizer.Encode(text, null, 24, Truncation.LongestFirst).Ids], null, model.Encoder.Config, CPU);
            float[][] tokens = Rows(model.Encoder.Forward(input).Tokens[0]);
            double[] mean = [.. Enumerable.Range(0, 32).Select(i => tokens.Average(token => (double)token[i]))];
            double scale = Math.Sqrt(mean.Average(x => x * x));
            return [.. mean.Select(x => x / scale)];
        }
    }

    [TestMethod]
    public void APairsScoreDoesNotDependOnItsCompany()
    {
        using TextClassifier classifier = FineTuner.Fit(Task(new Lora(), PairEncoding.Separate, epochs: 1));
        float[] all = TinyTexts.Scores(classifier, Test.Inputs);
        for (int row = 0; row < 10; row++)
        {
            float[] alone = TinyTexts.Scores(classifier, [Test.Inputs[row]]);
            Assert.AreEqual(all[2 * row], alone[0], 1e-5f);
            Assert.AreEqual(all[2 * row + 1], alone[1], 1e-5f);
        }
    }

    [TestMethod]
    public void FrozenLayersAreComputedOncePerText()
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path);
        using var states = new HiddenStateCaches(1 << 20);
        float[] kept = Scores(task => task with { FrozenStates = states }), anew = Scores(task =>
        {
            task.Training.FrozenStateMegabytes = 0;
            return task;
        });
        for (int i = 0; i < kept.Length; i++)
            Assert.AreEqual(anew[i], kept[i], 1e-5f);

        float[] Scores(Func<FineTuneTask, FineTuneTask> change)
        {
            using TextClassifier classifier = FineTuner.Fit(change(Task(new HeadOnly(), PairEncoding.Separate, epochs: 3, EncoderSource.FromDirectory(folder.Path))));
            return TinyTexts.Scores(classifier, Test.Inputs);
        }
    }

    [TestMethod]
    [DataRow(PairEncoding.Auto, 1, true)]
    [DataRow(PairEncoding.Auto, 2, false)]
    [DataRow(PairEncoding.Joint, 1, false)]
    [DataRow(PairEncoding.Separate, 2, true)]
    public void AutoReadsThemSeparatelyOnOneLayer(PairEncoding pairs, int layers, bool separate)
    {
        EncoderSource encoder = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = layers, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, MaxLength = 24, VocabularySize = 200 });
        using FineTuneRun run = FineTuneRun.Start(Task(new Lora(), pairs, epochs: 1, encoder));
        Assert.AreEqual(separate, ((SequenceHead)run.Session.Model.Head).Layout.SeparatePairs);
        Assert.AreEqual(separate, run.Rows.Batches[0].Second is not null);
        using FineTuneRun single = FineTuneRun.Start(TinyTexts.Task(encoder: encoder) with { Pairs = pairs });
        Assert.IsFalse(((SequenceHead)single.Session.Model.Head).Layout.SeparatePairs);
    }

    [TestMethod]
    public void WhatNeedsSingleTextsSaysSo()
    {
        using TextClassifier classifier = FineTuner.Fit(Task(new Lora(), PairEncoding.Separate, epochs: 1));
        Assert.Contains("expected pairs", Assert.ThrowsExactly<ArgumentException>(() => TinyTexts.Scores(classifier, [new("alone")])).Message);
        Assert.IsFalse(classifier.IsNormalized);
        Assert.AreEqual(4 * 32, classifier.Dimension);
        using var folder = new TemporaryFolder();
        Assert.Contains("PairEncoding.Joint", Assert.ThrowsExactly<NotSupportedException>(() => classifier.Merged().Export(folder.File("model"), ["a", "b"])).Message);
        Assert.IsFalse(Directory.Exists(folder.File("model")));
    }

    [TestMethod]
    public void SettingsThatContradictThemselvesAreDamaged()
    {
        using TextClassifier classifier = FineTuner.Fit(Task(new Lora(), PairEncoding.Separate, epochs: 1));
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        JsonObject settings = JsonNode.Parse(files["settings.json"])!.AsObject();
        settings["EachWord"] = true;
        files["settings.json"] = Encoding.UTF8.GetBytes(settings.ToJsonString());
        Assert.Contains("'SeparatePairs' does not go with 'EachWord'", Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files)).Message);
    }

    private static float[][] Rows(Tensor matrix) => [.. matrix.data<float>().ToArray().Chunk((int)matrix.shape[1])];

    private static FineTuneTask Task(PeftMethod method, PairEncoding pairs, int epochs, EncoderSource? encoder = null) => TinyTexts.Task(method, TinyTexts.Options(epochs), encoder ?? TinyTexts.Scratch(dropout: 0)) with
    {
        Data = Train, ClassCount = 2, Pairs = pairs,
    };

    /// <summary>Two texts each; the label tells whether both have a word of one colour.</summary>
    private static LabelledTexts Pairs(int seed, int rows)
    {
        LabelledTexts first = TinyTexts.Create(seed, rows), second = TinyTexts.Create(seed + 100, 3 * rows);
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, rows).Select(i => i % 2)];
        return new LabelledTexts([.. labels.Select((same, i) =>
        {
            int[] fitting = [.. Enumerable.Range(0, second.Labels.Length).Where(j => second.Labels[j] == first.Labels[i] == (same == 1))];
            return new TextInput(first.Inputs[i].Text, second.Inputs[fitting[random.Next(fitting.Length)]].Text);
        })], labels);
    }
}
