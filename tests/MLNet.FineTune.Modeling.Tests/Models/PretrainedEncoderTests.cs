using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Peft;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class PretrainedEncoderTests
{
    [TestMethod]
    public void APlainDirectory()
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path);
        using PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.Path);
        Assert.IsTrue(encoder.HasWeights);
        Assert.IsNull(encoder.Pooling);
        Assert.IsFalse(encoder.LowerCase);
        Assert.AreEqual(20, encoder.MaxLength);
        Assert.AreEqual(64, encoder.Sha256!.Length);
    }

    [TestMethod]
    public void ASentenceTransformersDirectory()
    {
        using var folder = new TemporaryFolder();
        WriteSentenceTransformer(folder, maxLength: 9, lowerCase: false);
        using PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.Path);
        Assert.AreEqual("Mean", encoder.Pooling!.ToString());
        Assert.AreEqual(9, encoder.MaxLength);
        Assert.IsFalse(encoder.LowerCase);
        using TaskModel model = encoder.CreateClassifier(new(5), CPU);
        CollectionAssert.AreEqual((string[])["head.output.weight", "head.output.bias"], model.named_parameters().Select(p => p.name).Where(name => name.StartsWith("head.", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void TheLongerOfTwoLimitsDoesNotCount()
    {
        using var folder = new TemporaryFolder();
        WriteSentenceTransformer(folder, maxLength: 512, lowerCase: false);
        using (PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.Path))
            Assert.AreEqual(20, encoder.MaxLength, "the encoder has 20 positions");
        File.WriteAllText(folder.File("tokenizer_config.json"), """{"model_max_length":15}""");
        using (PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.Path))
            Assert.AreEqual(15, encoder.MaxLength);
    }

    /// <summary>The tokenizer keeps case, the sentence-transformers module does not: in training, in scoring and after loading.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void TextsAreLowerCasedWhereTheCheckpointAsks(bool lowerCase)
    {
        using var folder = new TemporaryFolder();
        WriteSentenceTransformer(folder, maxLength: 20, lowerCase);
        File.WriteAllText(folder.File("tokenizer_config.json"), """{"do_lower_case":false}""");
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(encoder: EncoderSource.FromDirectory(folder.Path)));
        TextInput[] lower = [new("the red house", "navy car")], upper = [new("The RED house", "Navy Car")];

        using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(classifier));
        foreach (TextClassifier scorer in new[] { classifier, loaded })
        {
            Assert.AreEqual(lowerCase, scorer.Settings.LowerCase);
            Assert.AreEqual(lowerCase, TinyTexts.Scores(scorer, lower).SequenceEqual(TinyTexts.Scores(scorer, upper)));
        }

        TextClassifier Fit(Func<string, string> change) => FineTuner.Fit(TinyTexts.Task(encoder: EncoderSource.FromDirectory(folder.Path)) with
        {
            Data = TinyTexts.Train with { Inputs = [.. TinyTexts.Train.Inputs.Select(input => new TextInput(change(input.Text)))] },
        });
        using TextClassifier trainedOnUpper = Fit(text => text.ToUpperInvariant());
        Assert.AreEqual(lowerCase, TinyTexts.Scores(classifier, lower).SequenceEqual(TinyTexts.Scores(trainedOnUpper, lower)));
    }

    [TestMethod]
    public void TheDigestFollowsWhatDecidesTheOutputs()
    {
        using var folder = new TemporaryFolder();
        string Digest(string name, int seed = 1, string? vocabulary = null)
        {
            TinyTexts.WriteCheckpoint(folder.File(name), seed);
            if (vocabulary is not null)
                File.WriteAllText(folder.File(name + "/vocab.txt"), vocabulary);
            using PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.File(name));
            return encoder.Sha256!;
        }

        string first = Digest("a");
        Assert.AreEqual(first, Digest("b"), "the place does not matter");
        Assert.AreNotEqual(first, Digest("c", seed: 2));
        Assert.AreNotEqual(first, Digest("d", vocabulary: TinyTexts.Vocabulary.Replace("red\n", "rot\n", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void ATokenizerOfAnotherModel()
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path);
        File.AppendAllText(folder.File("vocab.txt"), string.Concat(Enumerable.Range(0, 30).Select(i => $"word{i}\n")));
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => PretrainedEncoder.FromDirectory(folder.Path));
        StringAssert.Contains(e.Message, "'vocab_size' 40");
        StringAssert.Contains(e.Message, folder.Path);
    }

    [TestMethod]
    [DataRow("config.json")]
    [DataRow("model.safetensors")]
    public void AMissingFile(string name)
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path);
        File.Delete(folder.File(name));
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => PretrainedEncoder.FromDirectory(folder.Path)).Message, name);
    }

    [TestMethod]
    public void WeightsThatDoNotFitLeaveNothing()
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path, change: tensors => tensors.Remove("bert.embeddings.LayerNorm.bias"));
        using PretrainedEncoder encoder = PretrainedEncoder.FromDirectory(folder.Path);
        long tensors = LiveTensors.Count();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => encoder.CreateClassifier(new(3), CPU)).Message, "bert.embeddings.LayerNorm.bias");
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    private static void WriteSentenceTransformer(TemporaryFolder folder, int maxLength, bool lowerCase)
    {
        TinyTexts.WriteCheckpoint(folder.Path);
        Directory.CreateDirectory(folder.File("1_Pooling"));
        File.WriteAllText(folder.File("modules.json"), """
            [{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
             {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"},
             {"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}]
            """);
        File.WriteAllText(folder.File("1_Pooling/config.json"), """{"word_embedding_dimension":16,"pooling_mode_mean_tokens":true}""");
        File.WriteAllText(folder.File("sentence_bert_config.json"), $$"""{"max_seq_length":{{maxLength}},"do_lower_case":{{(lowerCase ? "true" : "false")}}}""");
    }
}
