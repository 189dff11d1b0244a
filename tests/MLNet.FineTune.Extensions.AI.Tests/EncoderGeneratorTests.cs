using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Extensions.AI.Tests;

/// <summary>A generator over an encoder that was not fine-tuned.</summary>
[TestClass]
public sealed class EncoderGeneratorTests
{
    private static readonly MLContext Ml = new(1);

    private static IEmbeddingGenerator<string, Embedding<float>> Create(Action<EmbeddingGeneratorOptions>? configure = null)
    {
        var options = new EmbeddingGeneratorOptions { Precision = Precision.Float32, BatchSize = 2 };
        configure?.Invoke(options);
        return Ml.FineTuning().CreateEmbeddingGenerator(EncoderSource.Default, options);
    }

    private static float[][] EmbedText(bool? normalize = null)
    {
        IDataView data = Ml.Data.LoadFromEnumerable(Texts.Mixed.Select(text => new TextRow { Text = text }));
        using TextEmbeddingTransformer model = Ml.Transforms.Text.EmbedText(new TextEmbeddingOptions { InputColumnName = nameof(TextRow.Text), Precision = Precision.Float32, Normalize = normalize }).Fit(data);
        return [.. model.Transform(data).GetColumn<float[]>("Features")];
    }

    [TestMethod]
    public async Task Vectors_are_those_of_EmbedText_in_the_order_of_the_texts()
    {
        using var generator = Create();
        Texts.AssertClose(EmbedText(), await generator.VectorsAsync(Texts.Mixed));
        using var normalized = Create(options => options.Normalize = true);
        Texts.AssertClose(EmbedText(normalize: true), await normalized.VectorsAsync(Texts.Mixed));
    }

    [TestMethod]
    public async Task More_texts_than_a_window_holds_keep_their_order()
    {
        using var generator = Create();
        float[][] once = await generator.VectorsAsync(Texts.Mixed);
        float[][] many = await generator.VectorsAsync(Enumerable.Range(0, 77).Select(i => Texts.Mixed[i % Texts.Mixed.Length]));
        Texts.AssertClose([.. Enumerable.Range(0, 77).Select(i => once[i % once.Length])], many);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(64)]
    public async Task Fewer_dimensions_are_the_first_ones_at_length_one(int dimensions)
    {
        float[][] expected = [.. EmbedText().Select(vector =>
        {
            double norm = Math.Sqrt(vector.Take(dimensions).Sum(x => (double)x * x));
            return vector.Take(dimensions).Select(x => (float)(x / norm)).ToArray();
        })];
        using var generator = Create();
        Texts.AssertClose(expected, await generator.VectorsAsync(Texts.Mixed, dimensions));
        using var always = Create(options => options.Dimensions = dimensions);
        Texts.AssertClose(expected, await always.VectorsAsync(Texts.Mixed));
        Assert.AreEqual(dimensions, always.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        // A request goes before the default, up to all that the encoder gives.
        Texts.AssertClose(EmbedText(), await always.VectorsAsync(Texts.Mixed, 512));
    }

    [TestMethod]
    public async Task A_prompt_goes_before_every_text()
    {
        using var plain = Create();
        using var prompted = Create(options => options.Prompt = EmbeddingPrompt.FromText("query: "));
        Texts.AssertClose(await plain.VectorsAsync(["query: the parcel", "query: "]), await prompted.VectorsAsync(["the parcel", ""]));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Create(options => options.Prompt = EmbeddingPrompt.Named("query"))).Message, "no prompt 'query'; expected none, as there are no prompts");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Create(options => options.Prompt = null!)).Message, "Prompt");
    }

    [TestMethod]
    public void Zeros_stay_zeros_when_truncated()
    {
        CollectionAssert.AreEqual(new float[] { 0, 0 }, Matryoshka.Truncate([0, 0, 3], 2));
        CollectionAssert.AreEqual(new float[] { 0.6f, 0.8f }, Matryoshka.Truncate([3, 4, 5], 2));
        CollectionAssert.AreEqual(new float[] { 3, 4, 5 }, Matryoshka.Truncate([3, 4, 5], 3));
    }

    [TestMethod]
    public async Task Tokens_are_counted_as_the_encoder_reads_them()
    {
        using var generator = Create(options => options.MaxLength = 5);
        // "[CLS] the [SEP]", "[CLS] [SEP]", and what is cut to five.
        GeneratedEmbeddings<Embedding<float>> result = await generator.GenerateAsync(["the", "", "the the the the the the the"]);
        Assert.AreEqual(3 + 2 + 5, result.Usage!.InputTokenCount);
        Assert.AreEqual(3 + 2 + 5, result.Usage.TotalTokenCount);
    }

    [TestMethod]
    public async Task Metadata_and_services()
    {
        using var plain = Create();
        var metadata = plain.GetService<EmbeddingGeneratorMetadata>()!;
        Assert.AreEqual("MLNet.FineTune", metadata.ProviderName);
        Assert.AreEqual("default encoder", metadata.DefaultModelId);
        Assert.AreEqual(512, metadata.DefaultModelDimensions);
        Assert.AreSame(plain, plain.GetService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.IsNull(plain.GetService<EmbeddingGeneratorMetadata>("another"));
        Assert.IsNull(plain.GetService<string>());
        Assert.ThrowsExactly<ArgumentNullException>(() => plain.GetService(null!));

        using var named = Create(options => options.ModelId = "mine");
        Embedding<float> embedding = (await named.GenerateAsync(["the"], new EmbeddingGenerationOptions { ModelId = "mine" })).Single();
        Assert.AreEqual("mine", embedding.ModelId);
        Assert.IsNotNull(embedding.CreatedAt);
        Assert.AreEqual(512, embedding.Dimensions);
    }

    [TestMethod]
    public async Task No_text_gives_no_vector()
    {
        using var generator = Create();
        GeneratedEmbeddings<Embedding<float>> result = await generator.GenerateAsync([]);
        Assert.IsEmpty(result);
        Assert.AreEqual(0, result.Usage!.InputTokenCount);
    }

    [TestMethod]
    public void Bad_requests_say_what_is_wrong()
    {
        using var generator = Create();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => generator.GenerateAsync(["a", null!])).Message, "Text 1");
        Assert.ThrowsExactly<ArgumentNullException>(() => generator.GenerateAsync(null!));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { ModelId = "other" })).Message, "'other'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 513 })).Message, "513; expected 1 to 512");
    }

    [TestMethod]
    public void Bad_options_name_the_option()
    {
        void Fails<T>(string name, Action<EmbeddingGeneratorOptions> configure) where T : ArgumentException =>
            StringAssert.Contains(Assert.ThrowsExactly<T>(() => Create(configure)).Message, name);

        Fails<ArgumentException>("ModelId", options => options.ModelId = " ");
        Fails<ArgumentException>("Dimensions", options => options.Dimensions = 0);
        Fails<ArgumentOutOfRangeException>("Dimensions is 513", options => options.Dimensions = 513);
        Fails<ArgumentException>("BatchSize", options => options.BatchSize = 0);
        Fails<ArgumentException>("MaxLength", options => options.MaxLength = 2);
        Fails<ArgumentException>("Pooling", options => options.Pooling = (PoolingMode)9);
        Fails<ArgumentException>("Precision", options => options.Precision = (Precision)9);
        Assert.ThrowsExactly<ArgumentException>(() => Ml.FineTuning().CreateEmbeddingGenerator(Texts.TinyEncoder));
    }

    [TestMethod]
    public async Task A_request_cancelled_between_batches_ends_as_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        using var generator = new TextEmbeddingGenerator(new CancellingEmbedder(cancel), null, null, null);
        Task<GeneratedEmbeddings<Embedding<float>>> running = generator.GenerateAsync(["a", "b"], cancellationToken: cancel.Token);
        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        Assert.IsTrue(running.IsCanceled);
        // Without a token the same encoder embeds.
        CollectionAssert.AreEqual(new float[] { 1 }, (await generator.VectorsAsync(["a"]))[0]);
    }

    [TestMethod]
    public async Task Eight_tasks_at_once_get_the_vectors_one_gets()
    {
        using var generator = Create();
        float[][] expected = await generator.VectorsAsync(Texts.Mixed);
        float[][][] found = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => generator.VectorsAsync(Texts.Mixed)));
        foreach (float[][] vectors in found)
            Texts.AssertClose(expected, vectors);
    }

    [TestMethod]
    public void A_disposed_generator_refuses_use()
    {
        var generator = Create();
        generator.Dispose();
        generator.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => generator.GenerateAsync(["a"]));
    }

    /// <summary>Cancels when its first batch is under way.</summary>
    private sealed class CancellingEmbedder(CancellationTokenSource cancel) : ITextEmbedder, IEmbedderOwner
    {
        public int Dimension => 1;

        public bool IsNormalized => false;

        public int BatchSize => 1;

        public long Embed(IReadOnlyList<TextInput> inputs, Span<float> embeddings, Action? checkAlive = null)
        {
            cancel.Cancel();
            for (int batch = 0; batch < inputs.Count; batch++)
            {
                checkAlive?.Invoke();
                embeddings[batch] = inputs[batch].Text.Length;
            }
            return inputs.Count;
        }

        public void UseEmbedder(Action<ITextEmbedder> action) => action(this);

        public void Save(Action<string, Action<Stream>> write) => throw new IOException("The stand-in cannot be saved.");

        public void Dispose()
        {
        }
    }
}
