using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class EncoderDirectoryTests
{
    private static PretrainedEncoder Origin(string family, bool normalize = false)
    {
        (EncoderFamily kind, EncoderConfig config) = TinyEncoder.Read(TinyEncoder.Json(family));
        return new PretrainedEncoder(kind, config, TinyVocabulary.Load(("vocab.txt", TinyTexts.Vocabulary)), weights: null) { Pooling = PoolingMode.Cls, Normalize = normalize, LowerCase = true };
    }

    /// <summary>Weights of all sizes, biases and norms among them.</summary>
    private static TaskModel Model(PretrainedEncoder origin, int seed = 1)
    {
        manual_seed(seed);
        TaskModel model = origin.CreateMaskedLanguageModel(CPU, dropout: null);
        using var _ = no_grad();
        foreach (var parameter in model.parameters())
            nn.init.normal_(parameter, 0, 0.3);
        return model;
    }

    private static Dictionary<string, float[]> Weights(TaskModel model) => model.named_parameters().ToDictionary(p => p.name, p => p.parameter.data<float>().ToArray());

    /// <summary>Python's transformers would draw an output matrix at random where the configuration asks for one that the file lacks.</summary>
    [TestMethod]
    public void The_head_that_is_written_shares_the_word_embeddings()
    {
        using var folder = new TemporaryFolder();
        (EncoderFamily kind, EncoderConfig config) = TinyEncoder.Read(TinyEncoder.With(TinyEncoder.Json("bert"), ("tie_word_embeddings", false)));
        using var origin = new PretrainedEncoder(kind, config, TinyVocabulary.Load(("vocab.txt", TinyTexts.Vocabulary)), weights: null);
        using TaskModel model = Model(origin);
        EncoderDirectory.Write(folder.File("encoder"), model, origin, pooling: null, half: false);
        using PretrainedEncoder read = PretrainedEncoder.FromDirectory(folder.File("encoder"));
        Assert.IsTrue((bool)read.Config.Source["tie_word_embeddings"]!);
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void What_is_written_loads_again(string family)
    {
        using var folder = new TemporaryFolder();
        using PretrainedEncoder origin = Origin(family);
        using TaskModel model = Model(origin);
        Dictionary<string, float[]> expected = Weights(model);
        foreach (bool half in new[] { false, true })
        {
            EncoderDirectory.Write(folder.File("encoder"), model, origin, PoolingMode.Mean, half);
            using PretrainedEncoder read = PretrainedEncoder.FromDirectory(folder.File("encoder"));
            using TaskModel loaded = read.CreateMaskedLanguageModel(CPU, dropout: null);
            Dictionary<string, float[]> weights = Weights(loaded);
            CollectionAssert.AreEquivalent(expected.Keys, weights.Keys);
            foreach ((string name, float[] values) in expected)
                for (int i = 0; i < values.Length; i++)
                    if (half)
                        Assert.AreEqual((float)(Half)values[i], weights[name][i], name);
                    else
                        Assert.AreEqual(values[i], weights[name][i], name);
            Assert.AreEqual(("Mean", true, false), (read.Pooling!.ToString(), read.LowerCase, read.Normalize));
            Assert.AreEqual(origin.MaxLength, read.MaxLength);
            CollectionAssert.AreEqual(origin.Tokenizer.Files["vocab.txt"], read.Tokenizer.Files["vocab.txt"]);
            Assert.AreEqual(half ? "float16" : "float32", (string)read.Config.Source["torch_dtype"]!);
            StringAssert.EndsWith((string)read.Config.Source["architectures"]![0]!, "ForMaskedLM");
        }
        CollectionAssert.AreEqual((string[])["encoder"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void A_plain_encoder_has_no_modules_and_a_normalising_one_keeps_that()
    {
        using var folder = new TemporaryFolder();
        using PretrainedEncoder origin = Origin("bert", normalize: true);
        using TaskModel model = Model(origin);
        EncoderDirectory.Write(folder.File("encoder"), model, origin, PoolingMode.Max, half: false);
        using (PretrainedEncoder read = PretrainedEncoder.FromDirectory(folder.File("encoder")))
            Assert.AreEqual(("Max", true), (read.Pooling!.ToString(), read.Normalize));
        EncoderDirectory.Write(folder.File("encoder"), model, origin, pooling: null, half: false);
        using (PretrainedEncoder read = PretrainedEncoder.FromDirectory(folder.File("encoder")))
            Assert.IsNull(read.Pooling);
        CollectionAssert.AreEquivalent((string[])["config.json", "model.safetensors", "vocab.txt"], Directory.GetFileSystemEntries(folder.File("encoder")).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Several_poolings_and_prompts_are_kept()
    {
        using var folder = new TemporaryFolder();
        (EncoderFamily kind, EncoderConfig config) = TinyEncoder.Read(TinyEncoder.Json("bert"));
        using var origin = new PretrainedEncoder(kind, config, TinyVocabulary.Load(("vocab.txt", TinyTexts.Vocabulary)), weights: null)
        {
            PoolsPrompt = false, Prompts = new EncoderPrompts(new Dictionary<string, string> { ["query"] = "q: ", ["passage"] = "" }, "query"),
        };
        using TaskModel model = Model(origin);
        EncoderDirectory.Write(folder.File("encoder"), model, origin, new PoolingModes(PoolingMode.WeightedMean, PoolingMode.Cls), half: false);
        using PretrainedEncoder read = PretrainedEncoder.FromDirectory(folder.File("encoder"));
        Assert.AreEqual(("Cls+WeightedMean", false, "query"), (read.Pooling!.ToString(), read.PoolsPrompt, read.Prompts.Default));
        CollectionAssert.AreEqual(origin.Prompts.Texts.ToArray(), read.Prompts.Texts.ToArray());
    }

    /// <summary>What lies there is told by its contents: many a program has a config.json.</summary>
    [TestMethod]
    [DataRow("notes.txt", "mine", null)]
    [DataRow("config.json", """{"model_type":"bert"}""", null)]
    [DataRow("config.json", """{"theme":"dark"}""", "model.safetensors")]
    [DataRow("config.json", "[1]", "model.safetensors")]
    [DataRow("config.json", "no JSON", "model.safetensors")]
    public void A_folder_of_something_else_is_not_touched(string name, string content, string? beside)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("mine"));
        File.WriteAllText(folder.File($"mine/{name}"), content);
        if (beside is not null)
            File.WriteAllText(folder.File($"mine/{beside}"), "something");
        string[] before = Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories);
        using PretrainedEncoder origin = Origin("bert");
        using TaskModel model = Model(origin);
        IOException e = Assert.ThrowsExactly<IOException>(() => EncoderDirectory.Write(folder.File("mine"), model, origin, null, half: false));
        StringAssert.Contains(e.Message, folder.File("mine"));
        StringAssert.Contains(e.Message, "not overwritten");
        CollectionAssert.AreEqual(before, Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories));
        Assert.AreEqual(content, File.ReadAllText(folder.File($"mine/{name}")));
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => EncoderDirectory.Write(folder.File($"mine/{name}"), model, origin, null, half: false)).Message, "is a file");
    }

    [TestMethod]
    public void An_empty_folder_is_used_and_an_old_encoder_goes_whole()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("encoder"));
        using PretrainedEncoder origin = Origin("bert");
        using TaskModel first = Model(origin), second = Model(origin, seed: 2);
        EncoderDirectory.Write(folder.File("encoder"), first, origin, null, half: false);
        File.WriteAllText(folder.File("encoder/tokenizer.json"), "of an older version");
        EncoderDirectory.Write(folder.File("encoder") + Path.DirectorySeparatorChar, second, origin, null, half: false);
        Assert.IsFalse(File.Exists(folder.File("encoder/tokenizer.json")));
        using PretrainedEncoder read = PretrainedEncoder.FromDirectory(folder.File("encoder"));
        using TaskModel loaded = read.CreateMaskedLanguageModel(CPU, dropout: null);
        CollectionAssert.AreEqual(Weights(second)["encoder.embeddings.word.weight"], Weights(loaded)["encoder.embeddings.word.weight"]);
    }

    [TestMethod]
    public void A_failure_leaves_nothing_new_and_the_old_as_it_was()
    {
        using var folder = new TemporaryFolder();
        using PretrainedEncoder origin = Origin("bert");
        using TaskModel model = Model(origin);
        EncoderDirectory.Write(folder.File("old"), model, origin, PoolingMode.Mean, half: false);
        byte[] weights = File.ReadAllBytes(folder.File("old/model.safetensors"));
        model.to(ScalarType.ComplexFloat32); // which has no place in the file: fails after the configuration is written
        foreach (string target in new[] { "old", "new" })
            Assert.ThrowsExactly<ArgumentException>(() => EncoderDirectory.Write(folder.File(target), model, origin, PoolingMode.Mean, half: false));
        CollectionAssert.AreEqual((string[])["old"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).ToArray());
        CollectionAssert.AreEqual(weights, File.ReadAllBytes(folder.File("old/model.safetensors")));
    }
}
