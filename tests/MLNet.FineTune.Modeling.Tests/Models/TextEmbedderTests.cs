using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Peft;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>Embedding, against the encoder's hidden states pooled here, one text at a time.</summary>
[TestClass]
public sealed class TextEmbedderTests
{
    private static readonly TextInput[] Texts = [.. TinyTexts.Test.Inputs, new(""), new("unknown words"), new(string.Join(' ', Enumerable.Repeat("big red car", 12)))];

    [TestMethod]
    [DataRow(null, null)]
    [DataRow(PoolingMode.Mean, true)]
    [DataRow(PoolingMode.Cls, false)]
    [DataRow(PoolingMode.Max, null)]
    [DataRow(PoolingMode.Max, true)]
    public void Vectors_are_the_pooled_hidden_states(PoolingMode? pooling, bool? normalize)
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder);
        using TextEmbedder embedder = TextEmbedder.Create(source, Precision.Float32, CPU, batchSize: 5, pooling: pooling, normalize: normalize);
        Assert.AreEqual(16, embedder.Dimension);
        Assert.AreEqual(normalize ?? false, embedder.IsNormalized);
        AssertClose(Expected(source, pooling ?? PoolingMode.Mean, normalize ?? false), Embed(embedder), 1e-5);
    }

    [TestMethod]
    [DataRow(PoolingMode.Mean, true, "mean")]
    [DataRow(PoolingMode.Cls, true, "cls")]
    [DataRow(PoolingMode.Max, false, "max")]
    public void A_sentence_transformers_directory_decides_pooling_length_and_norm(PoolingMode pooling, bool normalize, string flag)
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder);
        WriteModules(folder, flag, normalize, maxLength: 9);
        using TextEmbedder embedder = TextEmbedder.Create(source, Precision.Float32, CPU);
        Assert.AreEqual(9, embedder.MaxLength);
        Assert.AreEqual(normalize, embedder.IsNormalized);
        AssertClose(Expected(source, pooling, normalize, maxLength: 9), Embed(embedder), 1e-5);

        // The options come before the checkpoint.
        using TextEmbedder other = TextEmbedder.Create(source, Precision.Float32, CPU, maxLength: 15, pooling: PoolingMode.Mean, normalize: !normalize);
        AssertClose(Expected(source, PoolingMode.Mean, !normalize, maxLength: 15), Embed(other), 1e-5);
    }

    [TestMethod]
    public void Neither_batch_size_nor_order_matters()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder);
        using TextEmbedder one = TextEmbedder.Create(source, Precision.Float32, CPU, batchSize: 1), many = TextEmbedder.Create(source, Precision.Float32, CPU, batchSize: 64);
        float[][] expected = Embed(one);
        AssertClose(expected, Embed(many), 1e-5);
        int[] order = [.. Enumerable.Range(0, Texts.Length)];
        new Random(5).Shuffle(order);
        float[][] shuffled = Embed(many, [.. order.Select(i => Texts[i])]);
        AssertClose([.. order.Select(i => expected[i])], shuffled, 1e-5);
    }

    [TestMethod]
    public void Bfloat16_is_close_to_float32()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder);
        using TextEmbedder embedder = TextEmbedder.Create(source, Precision.BFloat16, CPU, normalize: true);
        AssertClose(Expected(source, PoolingMode.Mean, normalize: true), Embed(embedder), 0.05);
    }

    [TestMethod]
    public void An_encoder_with_random_weights_is_refused()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => TextEmbedder.Create(TinyTexts.Scratch(), Precision.Float32, CPU));
        StringAssert.Contains(e.Message, "random weights");
        StringAssert.Contains(e.Message, "FromDirectory");
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(21)]
    public void A_length_that_the_encoder_does_not_take_is_refused(int length)
    {
        using var folder = new TemporaryFolder();
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => TextEmbedder.Create(Checkpoint(folder), Precision.Float32, CPU, maxLength: length));
        StringAssert.Contains(e.Message, $"maxLength is {length}; expected 3 to 20");
    }

    [TestMethod]
    public void Disposing_frees_the_weights()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = Checkpoint(folder);
        TextEmbedder.Create(source, Precision.Float32, CPU).Dispose();
        long tensors = LiveTensors.Count();
        using (TextEmbedder embedder = TextEmbedder.Create(source, Precision.Float32, CPU))
            Embed(embedder);
        Assert.AreEqual(tensors, LiveTensors.Count());
    }

    internal static float[][] Embed(TextEmbedder embedder, TextInput[]? texts = null)
    {
        texts ??= Texts;
        var vectors = new float[texts.Length * embedder.Dimension];
        embedder.Embed(texts, vectors);
        return [.. vectors.Chunk(embedder.Dimension)];
    }

    internal static EncoderSource Checkpoint(TemporaryFolder folder, int seed = 1)
    {
        TinyTexts.WriteCheckpoint(folder.Path, seed);
        return EncoderSource.FromDirectory(folder.Path);
    }

    private static void WriteModules(TemporaryFolder folder, string pooling, bool normalize, int maxLength)
    {
        Directory.CreateDirectory(folder.File("1_Pooling"));
        string last = normalize ? """, {"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}""" : "";
        File.WriteAllText(folder.File("modules.json"), $$"""
            [{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
             {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}{{last}}]
            """);
        File.WriteAllText(folder.File("1_Pooling/config.json"), $$"""{"pooling_mode":"{{pooling}}"}""");
        File.WriteAllText(folder.File("sentence_bert_config.json"), $$"""{"max_seq_length":{{maxLength}}}""");
    }

    /// <summary>Each text alone, hence without padding, through the encoder of another kind of model; pooled in double precision.</summary>
    private static double[][] Expected(EncoderSource source, PoolingMode pooling, bool normalize, int maxLength = 20) => SentenceEncoder.Expected(source, Texts, tokens => SentenceEncoder.Pool(pooling, tokens), normalize, maxLength);

    private static void AssertClose(float[][] expected, float[][] found, double tolerance) => AssertClose([.. expected.Select(row => Array.ConvertAll(row, x => (double)x))], found, tolerance);

    private static void AssertClose(double[][] expected, float[][] found, double tolerance)
    {
        Assert.HasCount(expected.Length, found);
        for (int row = 0; row < found.Length; row++)
            for (int i = 0; i < found[row].Length; i++)
                Assert.AreEqual(expected[row][i], found[row][i], tolerance, $"row {row} ('{Texts[row].Text}'), element {i}");
    }
}
