using System.Text;
using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Tests.Prompting;

[TestClass]
public sealed class PromptFineTuningTests
{
    [TestMethod]
    public void LearnsASmallTask()
    {
        FineTuneTask task = TinyPrompt.Task(TinyTexts.Scratch(dropout: 0), new ClozePrompt(), new FullFineTuning(), new TrainingOptions { Epochs = 12, BatchSize = 8, LearningRate = 5e-3 });
        using TextClassifier classifier = FineTuner.Fit(task);
        Assert.IsGreaterThan(0.8, TinyTexts.Accuracy(classifier, TinyTexts.Test));
    }

    [TestMethod]
    [DataRow("full")]
    [DataRow("lora")]
    [DataRow("bottleneck")]
    [DataRow("head")]
    [DataRow("prompt-tuning")]
    public void LoadsToTheBit(string method)
    {
        using var folder = new TemporaryFolder();
        EncoderSource encoder = TinyPrompt.WriteCheckpoint(folder.Path);
        PeftMethod peft = method == "prompt-tuning" ? new PromptTuning { Length = 2 } : PeftMethod.Parse(method);
        using TextClassifier classifier = FineTuner.Fit(TinyPrompt.Task(encoder, method: peft, training: new TrainingOptions { Epochs = 1, BatchSize = 8, LearningRate = 1e-2 }));
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        using TextClassifier loaded = TinyTexts.Load(files);
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
        CollectionAssert.AreEqual(Embeddings(classifier), Embeddings(loaded));
        JsonNode settings = JsonNode.Parse(files["settings.json"])!;
        Assert.AreEqual(3, (int)settings["Format"]!);
        Assert.AreEqual("{Sentence1} it was {Mask} .", (string)settings["Prompt"]!["Template"]!);
    }

    [TestMethod]
    public void TheEncoderNeedNotBeInTheFile()
    {
        using var folder = new TemporaryFolder();
        FineTuneTask task = TinyPrompt.Task(TinyPrompt.WriteCheckpoint(folder.Path)) with { SavedWeights = SavedWeights.AdapterOnly };
        using TextClassifier classifier = FineTuner.Fit(task);
        using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(classifier));
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
    }

    [TestMethod]
    public void MemoryIsFlat()
    {
        using var folder = new TemporaryFolder();
        FineTuneTask task = TinyPrompt.Task(TinyPrompt.WriteCheckpoint(folder.Path), new ClozePrompt { Template = TinyPrompt.Template });
        long tensors = LiveTensors.Count();
        FineTuner.Fit(task).Dispose();
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    /// <summary>The head comes with the checkpoint: it moves as all of the model would in full fine-tuning, however fast fresh modules learn.</summary>
    [TestMethod]
    public void ThePretrainedHeadLearnsSlower()
    {
        using var folder = new TemporaryFolder();
        double[] Scales(EncoderSource encoder)
        {
            using FineTuneRun run = FineTuneRun.Start(TinyPrompt.Task(encoder));
            PeftAdapter adapter = run.Attach();
            return [.. run.Session.Groups(adapter, adapter.Trainable, TinyTexts.Options()).Where(group => group.Parameters.Any(p => p.Name.StartsWith("head.", StringComparison.Ordinal))).Select(group => group.LearningRateScale).Distinct()];
        }

        EncoderConfig config = TinyEncoder.Config("bert");
        double expected = new FullFineTuning().DefaultLearningRateFor(config) / new Lora().DefaultLearningRateFor(config);
        Assert.IsLessThan(1, expected);
        CollectionAssert.AreEqual((double[])[expected], Scales(TinyPrompt.WriteCheckpoint(folder.Path)));
    }

    /// <summary>Words that are not given, found by the encoder itself, are those of a direct count over the vocabulary.</summary>
    [TestMethod]
    public void WordsAreFoundAsByBruteForce()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = TinyPrompt.WriteCheckpoint(folder.Path, seed: 3);
        LabelledTexts texts = TinyTexts.Create(4, 18);
        // The first class has its word, the second is called by one, the third has none.
        var prompt = new ClozePrompt { Template = TinyPrompt.Template, LabelWords = new Dictionary<string, string[]> { ["one"] = ["warm", "the"] }, LabelWordCandidates = 6 };
        FineTuneTask task = TinyPrompt.Task(source, prompt) with { Data = texts, ClassNames = ["one", "Green", "3"], ClassKeys = ["one", "Green", "3"] };
        using FineTuneRun run = FineTuneRun.Start(task);

        IReadOnlyDictionary<string, string[]> words = run.Task.Prompt!.LabelWords!;
        CollectionAssert.AreEqual((string[])["warm", "the"], words["one"]);
        CollectionAssert.AreEqual((string[])["Green"], words["Green"]);
        CollectionAssert.AreEqual((string[])[BruteForce(source, texts)], words["3"]);
    }

    [TestMethod]
    public void EncodersThatCannotBePromptedAreRefused()
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path);
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => FineTuner.Fit(TinyPrompt.Task(EncoderSource.FromDirectory(folder.Path))));
        StringAssert.Contains(e.Message, "the encoder's checkpoint has none");
    }

    [TestMethod]
    public void OtherMistakesAreNamed()
    {
        using var folder = new TemporaryFolder();
        EncoderSource encoder = TinyPrompt.WriteCheckpoint(folder.Path);
        void Refused(string says, ClozePrompt prompt, int? maxLength = null) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => FineTuner.Fit(TinyPrompt.Task(encoder, prompt) with { MaxLength = maxLength })).Message, says);

        Refused("ClozePrompt.LabelWords is for a class 'Z'; expected names of classes: R, G, B", new ClozePrompt { LabelWords = new Dictionary<string, string[]> { ["Z"] = ["warm"] } });
        Refused("'warm' + 'er'", new ClozePrompt { LabelWords = new Dictionary<string, string[]> { ["R"] = ["warmer"] } });
        Refused("expected one without {Sentence2}", new ClozePrompt { Template = "{Sentence1} {Mask} {Sentence2}" });
        Refused("MaxLength is 5; expected 7 to 20", TinyPrompt.Given, maxLength: 5);
    }

    [TestMethod]
    public void DamagedPromptsAreFound()
    {
        using var folder = new TemporaryFolder();
        using TextClassifier classifier = FineTuner.Fit(TinyPrompt.Task(TinyPrompt.WriteCheckpoint(folder.Path), training: TinyTexts.Options(epochs: 1)));
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        byte[] sound = files["settings.json"];
        foreach (Action<JsonObject> damage in (Action<JsonObject>[])
        [
            prompt => prompt["Template"] = "{Sentence1}", prompt => prompt["Template"] = null, prompt => prompt["LabelWords"] = new JsonArray(new JsonArray("warm")),
            prompt => prompt["LabelWords"]![0] = null, prompt => prompt["LabelWords"]![0]![0] = "purple", prompt => prompt["LabelWords"]![0]![0] = "cold",
        ])
        {
            JsonNode settings = JsonNode.Parse(sound)!;
            damage((JsonObject)settings["Prompt"]!);
            files["settings.json"] = Encoding.UTF8.GetBytes(settings.ToJsonString());
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files)).Message, "prompt");
        }
    }

    private static float[] Embeddings(TextClassifier classifier)
    {
        var values = new float[TinyTexts.Test.Inputs.Count * classifier.Dimension];
        classifier.Embed(TinyTexts.Test.Inputs, values);
        return values;
    }

    /// <summary>The word of the third class: of its six likeliest whole words, those in use left out, the one with which most rows are right; the likelier of equals.</summary>
    private static string BruteForce(EncoderSource source, LabelledTexts texts)
    {
        string[] vocabulary = TinyPrompt.Vocabulary.Split('\n');
        using PretrainedEncoder encoder = source.Open([]);
        using TaskModel model = encoder.CreateMaskedLanguageModel(CPU, dropout: 0);
        model.eval();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        PromptTemplate template = PromptTemplate.Parse(TinyPrompt.Template);
        float[][] logits = [.. texts.Inputs.Select(text =>
        {
            int[] ids = template.Encode(encoder.Tokenizer, false, text, 20, Truncation.Head).Ids;
            using EncoderInput input = EncoderInput.Create([ids], null, encoder.Config, CPU);
            return model.Forward(input)[0, Array.IndexOf(ids, encoder.Tokenizer.MaskId!.Value)].data<float>().ToArray();
        })];
        double Likelihood(int word) => logits.Where((_, row) => texts.Labels[row] == 2).Sum(row => functional.log_softmax(tensor(row), 0)[word].item<float>());
        int[] candidates = [.. Enumerable.Range(5, vocabulary.Length - 6).Where(id => vocabulary[id].Length > 1 && vocabulary[id].All(char.IsLetter) && vocabulary[id] is not ("warm" or "the" or "green"))
            .OrderByDescending(Likelihood).Take(6)];
        int Right(int word) => logits.Where((row, i) =>
        {
            float[] classes = [(row[TinyPrompt.Id("warm")] + row[TinyPrompt.Id("the")]) / 2, row[TinyPrompt.Id("green")], row[word]];
            return classes.Where((_, label) => label != texts.Labels[i]).All(other => other < classes[texts.Labels[i]]);
        }).Count();
        return vocabulary[candidates.OrderByDescending(Right).ThenByDescending(Likelihood).First()];
    }
}
