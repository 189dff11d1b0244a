using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Checkpoints;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>Embedders written as named files, and read back from sound and from damaged ones.</summary>
[TestClass]
public sealed class SavedTextEmbedderTests
{
    private const string Weights = "encoder.safetensors";

    [TestMethod]
    [DataRow(Precision.Float32)]
    [DataRow(Precision.BFloat16)]
    public void A_loaded_embedder_gives_the_same_bits(Precision precision)
    {
        using var folder = new TemporaryFolder();
        using TextEmbedder embedder = TextEmbedder.Create(TextEmbedderTests.Checkpoint(folder), precision, CPU, batchSize: 7, maxLength: 12, pooling: PoolingMode.Max, normalize: true);
        Dictionary<string, byte[]> files = Save(embedder);
        CollectionAssert.IsSubsetOf((string[])["settings.json", "config.json", Weights, "tokenizer_vocab.txt"], files.Keys.ToArray());
        using TextEmbedder loaded = Load(files);
        Assert.AreEqual(embedder.Settings, loaded.Settings with { TokenizerFiles = embedder.Settings.TokenizerFiles });
        AssertSame(embedder, loaded);
        // And again from what was loaded.
        using TextEmbedder again = Load(Save(loaded));
        AssertSame(embedder, again);
    }

    /// <summary>Dense layers, several modes and the prompt come back, from the file itself or from the directory it names.</summary>
    [TestMethod]
    [DataRow(SavedWeights.Embedded)]
    [DataRow(SavedWeights.AdapterOnly)]
    public void What_a_sentence_encoder_has_besides_comes_back(SavedWeights weights)
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = TextEmbedderTests.Checkpoint(folder);
        SentenceEncoder.Write(folder, """{"pooling_mode_cls_token":true,"include_prompt":false}""", normalize: true, prompts: """{"prompts":{"query":"small car"},"default_prompt_name":"query"}""",
            new(32, 9, true, Activation.Tanh), new(9, 4, false, Activation.Gelu));
        using TextEmbedder embedder = TextEmbedder.Create(source, Precision.Float32, CPU, savedWeights: weights), bare = TextEmbedder.Create(source, Precision.Float32, CPU, prompt: EmbeddingPrompt.None);
        Assert.AreEqual(2, embedder.Settings.Format);
        Assert.AreEqual(3, embedder.Settings.SkippedTokens, "the first token's, and two words");
        Dictionary<string, byte[]> files = Save(embedder);
        Assert.AreEqual(weights == SavedWeights.Embedded ? 2 : 0, files.Keys.Count(name => name.StartsWith("dense_", StringComparison.Ordinal)));
        using TextEmbedder loaded = Load(files);
        Assert.AreEqual(4, loaded.Dimension);
        AssertSame(embedder, loaded);
        CollectionAssert.AreNotEqual(TextEmbedderTests.Embed(bare)[0], TextEmbedderTests.Embed(embedder)[0]);
        if (weights == SavedWeights.Embedded)
        {
            Dictionary<string, byte[]> narrow = new(files) { ["settings.json"] = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(files["settings.json"]).Replace("\"Cls\\u002BMean\"", "\"Cls\"", StringComparison.Ordinal)) };
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Load(narrow)).Message, "takes vectors of 32 numbers; expected 16");
            files["dense_1.safetensors"] = files["dense_0.safetensors"];
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Load(files)).Message, "linear.weight has shape [9, 32], expected [4, 9]");
            return;
        }
        // The dense layers are part of what the reference is to.
        SentenceEncoder.WriteDense(folder.File("3_Dense"), new(9, 4, false, Activation.Gelu), seed: 77);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Load(files)).Message, "found another there");
    }

    [TestMethod]
    public void What_the_first_format_can_say_is_written_in_it()
    {
        using var folder = new TemporaryFolder();
        using TextEmbedder embedder = TextEmbedder.Create(TextEmbedderTests.Checkpoint(folder), Precision.Float32, CPU, pooling: PoolingMode.Max);
        string settings = System.Text.Encoding.UTF8.GetString(Save(embedder)["settings.json"]);
        StringAssert.Contains(settings, "\"Format\": 1");
        StringAssert.Contains(settings, "\"Pooling\": \"Max\"");
        Assert.IsFalse(settings.Contains("Prompt", StringComparison.Ordinal) || settings.Contains("Dense", StringComparison.Ordinal) || settings.Contains("Skipped", StringComparison.Ordinal));
    }

    /// <summary>A checkpoint in half precision is not blown up; one in single precision is not rounded.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Weights_are_saved_as_small_as_they_are_exact(bool half)
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path, change: tensors =>
        {
            if (half)
                foreach (string name in tensors.Keys.ToArray())
                    tensors[name] = tensors[name].to(ScalarType.Float16);
        });
        using TextEmbedder embedder = TextEmbedder.Create(EncoderSource.FromDirectory(folder.Path), Precision.Float32, CPU);
        Dictionary<string, byte[]> files = Save(embedder);
        using (SafetensorsFile file = SafetensorsFile.Parse(files[Weights], Weights))
            Assert.IsTrue(file.Tensors.Values.All(tensor => tensor.DType == (half ? TensorDType.Float16 : TensorDType.Float32)));
        using TextEmbedder loaded = Load(files);
        AssertSame(embedder, loaded);
    }

    [TestMethod]
    public void A_reference_is_small_and_opens_the_encoder_again()
    {
        using var folder = new TemporaryFolder();
        using TextEmbedder embedder = TextEmbedder.Create(TextEmbedderTests.Checkpoint(folder), Precision.Float32, CPU, savedWeights: SavedWeights.AdapterOnly);
        Dictionary<string, byte[]> files = Save(embedder);
        CollectionAssert.AreEqual((string[])["settings.json"], files.Keys.ToArray());
        using (TextEmbedder loaded = Load(files))
            AssertSame(embedder, loaded);

        TextEmbedderTests.Checkpoint(folder, seed: 2);
        InvalidDataException other = Assert.ThrowsExactly<InvalidDataException>(() => Load(files));
        foreach (string part in (string[])[folder.Path, embedder.Settings.EncoderSha256!, "found another there", nameof(SavedWeights.Embedded)])
            StringAssert.Contains(other.Message, part);

        File.Delete(folder.File(CheckpointDirectory.Safetensors));
        InvalidDataException gone = Assert.ThrowsExactly<InvalidDataException>(() => Load(files));
        StringAssert.Contains(gone.Message, "cannot be opened");
        StringAssert.Contains(gone.Message, folder.Path);
    }

    [TestMethod]
    [DataRow("settings.json", "\"Format\": 1", "\"Format\": 3", "settings.json: the format version is 3")]
    [DataRow("settings.json", "\"Pooling\": \"Mean\"", "\"Pooling\": \"Sum\"", "not the settings of a text embedder")]
    [DataRow("settings.json", "\"Pooling\": \"Mean\"", "\"Pool\": \"Mean\"", "not the settings of a text embedder")]
    [DataRow("settings.json", "\"BatchSize\": 64", "\"BatchSize\": 0", "batch size (0)")]
    [DataRow("settings.json", "\"MaxLength\": 20", "\"MaxLength\": 21", "'MaxLength' is 21; expected 3 to 20")]
    [DataRow("settings.json", "tokenizer_config.json", "missing", "has no 'tokenizer_missing'")]
    [DataRow("config.json", "\"hidden_size\":16", "\"hidden_size\":2000000000", "2000000000")]
    [DataRow("config.json", "\"vocab_size\":40", "\"vocab_size\":4", "4")]
    public void Wrong_files_are_refused(string name, string from, string to, string says)
    {
        using var folder = new TemporaryFolder();
        TextEmbedderTests.Checkpoint(folder);
        File.WriteAllText(folder.File("tokenizer_config.json"), """{"do_lower_case":true}""");
        using TextEmbedder embedder = TextEmbedder.Create(EncoderSource.FromDirectory(folder.Path), Precision.Float32, CPU);
        Dictionary<string, byte[]> files = Save(embedder);
        string text = System.Text.Encoding.UTF8.GetString(files[name]);
        StringAssert.Contains(text, from);
        files[name] = System.Text.Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Load(files)).Message, says);
    }

    [TestMethod]
    public void Missing_files_are_named()
    {
        using var folder = new TemporaryFolder();
        using TextEmbedder embedder = TextEmbedder.Create(TextEmbedderTests.Checkpoint(folder), Precision.Float32, CPU);
        Dictionary<string, byte[]> files = Save(embedder);
        foreach (string name in files.Keys)
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Load(files.Where(file => file.Key != name).ToDictionary())).Message, $"'{name}'");
    }

    /// <summary>Random damage to any file, fixed seed: loaded, or refused with a documented exception.</summary>
    [TestMethod]
    public void Damaged_files_are_refused_or_harmless()
    {
        using var folder = new TemporaryFolder();
        using TextEmbedder embedder = TextEmbedder.Create(TextEmbedderTests.Checkpoint(folder), Precision.Float32, CPU);
        Dictionary<string, byte[]> files = Save(embedder);
        string[] names = [.. files.Keys.Order(StringComparer.Ordinal)];
        var random = new Random(4);
        int refused = 0;
        for (int i = 0; i < 600; i++)
        {
            string name = names[random.Next(names.Length)];
            try
            {
                Load(new Dictionary<string, byte[]>(files) { [name] = Mutation.Apply(files[name], random) }).Dispose();
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                refused++;
            }
        }
        Assert.IsGreaterThan(150, refused);
    }

    private static Dictionary<string, byte[]> Save(TextEmbedder embedder)
    {
        var files = new Dictionary<string, byte[]>();
        embedder.Save((name, write) =>
        {
            using var stream = new MemoryStream();
            write(stream);
            files.Add(name, stream.ToArray());
        });
        return files;
    }

    private static TextEmbedder Load(IReadOnlyDictionary<string, byte[]> files) =>
        TextEmbedder.Load(name => files.TryGetValue(name, out byte[]? content) ? new MemoryStream(content) : null, CPU);

    private static void AssertSame(TextEmbedder expected, TextEmbedder found)
    {
        float[][] a = TextEmbedderTests.Embed(expected), b = TextEmbedderTests.Embed(found);
        for (int row = 0; row < a.Length; row++)
            CollectionAssert.AreEqual(a[row], b[row], $"row {row}");
    }
}
