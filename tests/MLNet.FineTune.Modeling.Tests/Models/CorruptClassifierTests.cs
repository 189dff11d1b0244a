using System.Text;
using System.Text.Json.Nodes;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Checkpoints;

namespace MLNet.FineTune.Tests.Models;

/// <summary>Saved classifiers that are damaged, incomplete or foreign.</summary>
[TestClass]
public sealed class CorruptClassifierTests
{
    private const int MutationsPerFile = 500;

    private static readonly Lazy<Dictionary<string, byte[]>> Sound = new(() => Fit(new Lora { Rank = 2 }));

    private static readonly Lazy<Dictionary<string, byte[]>> SoundFull = new(() => Fit(new FullFineTuning()));

    public static IEnumerable<object[]> Files => new[] { "settings.json", "config.json", "encoder.safetensors", "tokenizer_vocab.txt", "tokenizer_tokenizer_config.json", "adapter_model.safetensors" }.Select(file => new object[] { file });

    [TestMethod]
    public void TheFilesAreThoseTested() => CollectionAssert.AreEquivalent(
        Files.Select(row => row[0]).Append("adapter_config.json").ToArray(), Sound.Value.Keys.ToArray());

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void AMissingFileIsNamed(string name)
    {
        var files = new Dictionary<string, byte[]>(Sound.Value);
        files.Remove(name);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files)).Message, name);
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void AForeignFileIsNamed(string name)
    {
        foreach (string content in new[] { "version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "", "\0\0\0\0" })
        {
            var files = new Dictionary<string, byte[]>(Sound.Value) { [name] = Encoding.UTF8.GetBytes(content) };
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files)).Message, name.Replace("tokenizer_", "", StringComparison.Ordinal));
        }
    }

    /// <summary>Damage is found, or does no harm: whatever loads also scores.</summary>
    [TestMethod]
    [DynamicData(nameof(Files))]
    public void DamageIsFound(string name)
    {
        var files = new Dictionary<string, byte[]>(Sound.Value);
        byte[] sound = files[name];
        var random = new Random(name.Length);
        long tensors = LiveTensors.Count();
        int refused = 0;
        for (int i = 0; i < MutationsPerFile; i++)
        {
            files[name] = Mutation.Apply(sound, random);
            try
            {
                using TextClassifier classifier = TinyTexts.Load(files);
                TinyTexts.Scores(classifier, [new("the red house")]);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutation {i} of {name}: {e}\n{Encoding.UTF8.GetString(files[name])}");
            }
        }
        Assert.IsGreaterThan(MutationsPerFile / 10, refused);
        Assert.AreEqual(tensors, LiveTensors.Count(), "a refused file leaves tensors behind");
    }

    [TestMethod]
    public void DamagedWeightsOfTheWholeModelAreFound()
    {
        var files = new Dictionary<string, byte[]>(SoundFull.Value);
        files.Remove("encoder.safetensors");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files)).Message, "encoder.safetensors");
        files["encoder.safetensors"] = Sound.Value["encoder.safetensors"]; // without the head
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files)).Message, "classifier.weight");
    }

    [TestMethod]
    [DataRow("Format", "7", "1 to 6")]
    [DataRow("Format", "0", "1 to 6")]
    [DataRow("Format", "null", "1 to 6")]
    [DataRow("Format", "\"1\"", "Format")]
    [DataRow("ClassCount", "0", "below 1")]
    [DataRow("ClassCount", "2", "classifier")]
    [DataRow("ClassCount", "2000000000", "classifier")]
    [DataRow("MaxLength", "25", "3 to 24")]
    [DataRow("MaxLength", "2", "3 to 24")]
    [DataRow("BatchSize", "0", "below 1")]
    [DataRow("Pooling", "\"Median\"", "Pooling")]
    [DataRow("Pooling", "2", "Pooling")]
    [DataRow("Truncation", "9", "Truncation")]
    [DataRow("Precision", "null", "Precision")]
    [DataRow("Method", "null", "null")]
    [DataRow("Method", "{\"method\":\"lora\",\"Rank\":3}", "lora_A")]
    [DataRow("Method", "{\"method\":\"lora\",\"Rank\":2000000000}", "Rank")]
    [DataRow("Method", "{\"method\":\"lora\",\"Layers\":[7]}", "[7]")]
    [DataRow("Method", "{\"method\":\"boft\"}", "boft")]
    [DataRow("TokenizerFiles", "null", "null")]
    [DataRow("TokenizerFiles", "[null]", "null")]
    [DataRow("TokenizerFiles", "[\"spiece.model\"]", "spiece.model")]
    [DataRow("Encoder", "{\"kind\":\"moon\"}", "moon")]
    [DataRow("Answers", "{\"DocumentStride\":128,\"MaxAnswerLength\":30,\"TopK\":2000000000}", "Answers")]
    [DataRow("Surplus", "1", "Surplus")]
    public void WrongSettingsAreNamed(string key, string value, string part) => Refused("settings.json", key, value, part);

    [TestMethod]
    [DataRow("hidden_size", "48", ", 48]")]
    [DataRow("hidden_size", "2000000000", "2000000000")]
    [DataRow("vocab_size", "2147483647", "2147483647")]
    [DataRow("num_hidden_layers", "2", "layer.1.")]
    [DataRow("num_hidden_layers", "900", "too few")]
    [DataRow("num_hidden_layers", "2000000000", "layers")]
    [DataRow("num_attention_heads", "5", "5 attention heads")]
    [DataRow("max_position_embeddings", "48", "position_embeddings")]
    [DataRow("type_vocab_size", "3", "token_type")]
    [DataRow("pad_token_id", "9999", "pad_token_id")]
    public void WrongConfigurationsAreNamed(string key, string value, string part) => Refused("config.json", key, value, part);

    private static void Refused(string file, string key, string value, string part)
    {
        JsonObject json = JsonNode.Parse(Sound.Value[file])!.AsObject();
        json[key] = JsonNode.Parse(value);
        var files = new Dictionary<string, byte[]>(Sound.Value) { [file] = Encoding.UTF8.GetBytes(json.ToJsonString()) };
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files)).Message, part);
    }

    private static Dictionary<string, byte[]> Fit(PeftMethod method)
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(method, TinyTexts.Options(epochs: 1)));
        return TinyTexts.Save(classifier);
    }
}
