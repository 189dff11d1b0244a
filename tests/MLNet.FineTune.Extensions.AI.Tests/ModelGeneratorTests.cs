using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests;

namespace MLNet.FineTune.Extensions.AI.Tests;

/// <summary>Generators over fitted and loaded models.</summary>
[TestClass]
public sealed class ModelGeneratorTests
{
    private readonly MLContext _ml = new(3);

    /// <summary>With the linear layer on them, the vectors give the scores: they are what the classifier sees.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_SetFit_classifiers_vectors_are_those_it_classifies(bool normalize)
    {
        using MulticlassTextClassificationTransformer model = Texts.SetFit(_ml, normalize);
        using var generator = model.AsEmbeddingGenerator();
        float[][] vectors = await generator.VectorsAsync(Texts.Rows.Select(row => row.Text));
        float[][] scores = [.. model.Transform(Texts.Load(_ml)).GetColumn<float[]>("Score")];
        (float[] weight, float[] bias) = OutputLayer(model);
        float[][] expected = [.. vectors.Select(vector => SoftmaxOf([.. bias.Select((b, c) => b + vector.Select((x, i) => x * weight[c * vector.Length + i]).Sum())]))];
        Texts.AssertClose(scores, expected, 1e-4f);
        if (normalize)
            foreach (float[] vector in vectors)
                Assert.AreEqual(1, Math.Sqrt(vector.Sum(x => x * x)), 1e-5);
    }

    /// <summary>LoRA changes the vectors of the encoder, and disabling nothing but training makes the difference.</summary>
    [TestMethod]
    public async Task A_tuned_encoder_gives_other_vectors_than_before()
    {
        using MulticlassTextClassificationTransformer tuned = FineTune(new Lora { Rank = 4 }, steps: 4);
        using MulticlassTextClassificationTransformer frozen = FineTune(new HeadOnly(), steps: 1);
        using var before = _ml.FineTuning().CreateEmbeddingGenerator(EncoderSource.Default, new EmbeddingGeneratorOptions { Precision = Precision.Float32 });
        using var untouched = frozen.AsEmbeddingGenerator();
        using var after = tuned.AsEmbeddingGenerator();
        float[][] old = await before.VectorsAsync(Texts.Mixed), found = await after.VectorsAsync(Texts.Mixed);
        Texts.AssertClose(old, await untouched.VectorsAsync(Texts.Mixed));
        Assert.IsGreaterThan(1e-2f, old.Zip(found, (x, y) => x.Zip(y, (a, b) => Math.Abs(a - b)).Max()).Max());
    }

    /// <summary>A family's head has a dense layer of its own; the vectors are pooled before it.</summary>
    [TestMethod]
    public async Task A_classifier_with_a_dense_layer_gives_what_goes_into_it()
    {
        using MulticlassTextClassificationTransformer model = FineTune(new HeadOnly(), steps: 1, PoolingMode.Cls, HeadInitialization.Random);
        using var generator = model.AsEmbeddingGenerator();
        using var first = _ml.FineTuning().CreateEmbeddingGenerator(EncoderSource.Default, new EmbeddingGeneratorOptions { Precision = Precision.Float32, Pooling = PoolingMode.Cls, Normalize = false });
        Texts.AssertClose(await first.VectorsAsync(Texts.Mixed), await generator.VectorsAsync(Texts.Mixed));
    }

    [TestMethod]
    public async Task A_loaded_chain_gives_the_vectors_of_the_last_that_embeds()
    {
        using TransformerChain<ITransformer> chain = new(Embedder(), Texts.SetFit(_ml), _ml.Transforms.Conversion.MapKeyToValue("Intent", "PredictedLabel").Fit(ScoredSchema()));
        using var folder = new TemporaryFolder();
        _ml.Model.Save(chain, Texts.Load(_ml).Schema, folder.File("model.zip"));
        ITransformer loaded = new MLContext().Model.Load(folder.File("model.zip"), out _);
        using var expected = chain.ElementAt(1).AsEmbeddingGenerator();
        using var found = loaded.AsEmbeddingGenerator(modelId: "intents", ownsModel: true);
        Texts.AssertClose(await expected.VectorsAsync(Texts.Mixed), await found.VectorsAsync(Texts.Mixed));
        Assert.AreEqual("intents", found.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
        Assert.AreEqual(32, found.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        Assert.IsInstanceOfType<MulticlassTextClassificationTransformer>(found.GetService<ITransformer>());

        using TextEmbeddingTransformer embedder = Embedder();
        using var direct = embedder.AsEmbeddingGenerator(dimensions: 16);
        float[][] vectors = [.. embedder.Transform(_ml.Data.LoadFromEnumerable(Texts.Mixed.Select(text => new TextRow { Text = text }))).GetColumn<float[]>("Features")];
        Texts.AssertClose(vectors, await direct.VectorsAsync(Texts.Mixed, 512));
        Assert.HasCount(16, (await direct.VectorsAsync(["a"]))[0]);
    }

    [TestMethod]
    public async Task A_generator_does_not_own_the_model_unless_asked()
    {
        MulticlassTextClassificationTransformer model = Texts.SetFit(_ml, maxSteps: 1);
        var borrowed = model.AsEmbeddingGenerator();
        borrowed.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => borrowed.GenerateAsync(["a"]));
        using var second = model.AsEmbeddingGenerator();
        await second.GenerateAsync(["a"]);
        model.AsEmbeddingGenerator(ownsModel: true).Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Transform(Texts.Load(_ml)));
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => second.GenerateAsync(["a"]));
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.AsEmbeddingGenerator());
    }

    /// <summary>The weights are native memory: they must outlast the requests that use them.</summary>
    [TestMethod]
    public async Task Disposing_the_model_under_way_lets_requests_end_or_refuses_them()
    {
        MulticlassTextClassificationTransformer model = Texts.SetFit(_ml, maxSteps: 1);
        using var generator = model.AsEmbeddingGenerator();
        float[][] expected = await generator.VectorsAsync(Texts.Mixed);
        Task<float[][]>[] requests = [.. Enumerable.Range(0, 6).Select(_ => generator.VectorsAsync(Texts.Mixed))];
        await Task.WhenAny(requests);
        model.Dispose();
        foreach (Task<float[][]> request in requests)
            try
            {
                Texts.AssertClose(expected, await request);
            }
            catch (ObjectDisposedException)
            {
                Assert.IsTrue(request.IsFaulted);
            }
    }

    [TestMethod]
    public void A_model_without_an_encoder_is_refused_by_the_names_of_its_parts()
    {
        IDataView data = Texts.Load(_ml);
        ITransformer model = _ml.Transforms.Conversion.MapKeyToValue("Intent", "Label").Fit(data);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => model.AsEmbeddingGenerator()).Message, nameof(Microsoft.ML.Transforms.KeyToValueMappingTransformer));
    }

    private MulticlassTextClassificationTransformer FineTune(PeftMethod peft, int steps, PoolingMode? pooling = null, HeadInitialization head = HeadInitialization.Auto) => _ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
    {
        Sentence1ColumnName = nameof(TextRow.Text),
        Peft = peft,
        Pooling = pooling,
        HeadInitialization = head,
        Precision = Precision.Float32,
        Training = { MaxSteps = steps, BatchSize = 8, LearningRate = 5e-3 },
    }).Fit(Texts.Load(_ml));

    private TextEmbeddingTransformer Embedder() => _ml.Transforms.Text.EmbedText(new TextEmbeddingOptions { InputColumnName = nameof(TextRow.Text), Precision = Precision.Float32 }).Fit(Texts.Load(_ml));

    private IDataView ScoredSchema()
    {
        MulticlassTextClassificationTransformer model = Texts.SetFit(_ml, maxSteps: 1);
        return model.Transform(Texts.Load(_ml));
    }

    private static (float[] Weight, float[] Bias) OutputLayer(MulticlassTextClassificationTransformer model)
    {
        (float[] weight, float[] bias) = ([], []);
        model.Classifier.Use(classifier =>
        {
            var head = (Heads.SequenceHead)((TextClassifier)classifier).Adapter.Model.Head;
            foreach (var (name, parameter) in head.Output.named_parameters())
            {
                float[] values = parameter.data<float>().ToArray();
                (weight, bias) = name == "bias" ? (weight, values) : (values, bias);
            }
        });
        return (weight, bias);
    }

    private static float[] SoftmaxOf(float[] logits)
    {
        double[] odds = [.. logits.Select(x => Math.Exp(x - logits.Max()))];
        return [.. odds.Select(x => (float)(x / odds.Sum()))];
    }
}
