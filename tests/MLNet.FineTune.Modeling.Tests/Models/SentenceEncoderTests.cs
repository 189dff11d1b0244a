using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>What sentence-transformers' directories have besides an encoder: dense modules, several poolings, prompts.</summary>
[TestClass]
public sealed class SentenceEncoderTests : IDisposable
{
    private const string Mean = """{"pooling_mode_mean_tokens":true}""";
    private const string Prompts = """{"prompts":{"query":"small car","passage":"big"},"default_prompt_name":"query"}""";

    private static readonly TextInput[] Texts = [.. TinyTexts.Test.Inputs, new(""), new(string.Join(' ', Enumerable.Repeat("big red car", 12)))];

    private readonly TemporaryFolder _folder = new();
    private readonly EncoderSource _source;

    public SentenceEncoderTests() => _source = TextEmbedderTests.Checkpoint(_folder);

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Dense_layers_follow_pooling_and_precede_normalisation(bool normalize)
    {
        DenseShape[] layers = [new(16, 9, true, Activation.Tanh), new(9, 5, false, Activation.Identity), new(5, 7, true, Activation.Relu), new(7, 3, true, Activation.Sigmoid)];
        SentenceEncoder.Write(_folder, Mean, normalize, dense: layers);
        using TextEmbedder embedder = TextEmbedder.Create(_source, Precision.Float32, CPU, batchSize: 5);
        Assert.AreEqual(3, embedder.Dimension);
        double[] Vector(float[][] tokens)
        {
            double[] vector = SentenceEncoder.Pool(PoolingMode.Mean, tokens);
            for (int i = 0; i < layers.Length; i++)
                vector = SentenceEncoder.Dense(layers[i], seed: i, vector);
            return vector;
        }

        AssertClose(SentenceEncoder.Expected(_source, Texts, Vector, normalize), embedder);
    }

    [TestMethod]
    public void Several_poolings_are_put_one_after_another()
    {
        SentenceEncoder.Write(_folder, """{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":true,"pooling_mode_mean_sqrt_len_tokens":true}""", normalize: true);
        using TextEmbedder embedder = TextEmbedder.Create(_source, Precision.Float32, CPU, batchSize: 5);
        Assert.AreEqual(64, embedder.Dimension);
        PoolingMode[] order = [PoolingMode.Cls, PoolingMode.Max, PoolingMode.Mean, PoolingMode.MeanSqrtLength];
        AssertClose(SentenceEncoder.Expected(_source, Texts, tokens => [.. order.SelectMany(mode => SentenceEncoder.Pool(mode, tokens))], normalize: true), embedder);
    }

    [TestMethod]
    [DataRow(null, "small car ")]
    [DataRow("passage", "big ")]
    [DataRow("", "")]
    [DataRow("red house", "red house ")]
    public void A_prompt_goes_before_every_text(string? choice, string before)
    {
        SentenceEncoder.Write(_folder, Mean, normalize: false, Prompts.Replace("car", "car ", StringComparison.Ordinal).Replace("big", "big ", StringComparison.Ordinal));
        EmbeddingPrompt? prompt = choice switch { null => null, "" => EmbeddingPrompt.None, "passage" => EmbeddingPrompt.Named(choice), _ => EmbeddingPrompt.FromText(choice + " ") };
        using TextEmbedder embedder = TextEmbedder.Create(_source, Precision.Float32, CPU, batchSize: 5, prompt: prompt);
        AssertClose(SentenceEncoder.Expected(_source, Texts.Select(text => new TextInput(before + text.Text)), tokens => SentenceEncoder.Pool(PoolingMode.Mean, tokens), normalize: false), embedder);
    }

    /// <summary>The first token and the two of the prompt take part in attention, but not in the mean.</summary>
    [TestMethod]
    public void A_prompt_can_be_left_out_of_pooling()
    {
        SentenceEncoder.Write(_folder, """{"pooling_mode_mean_tokens":true,"include_prompt":false}""", normalize: false, Prompts.Replace("car", "car ", StringComparison.Ordinal));
        using TextEmbedder embedder = TextEmbedder.Create(_source, Precision.Float32, CPU, batchSize: 5), bare = TextEmbedder.Create(_source, Precision.Float32, CPU, prompt: EmbeddingPrompt.None);
        AssertClose(SentenceEncoder.Expected(_source, Texts.Select(text => new TextInput("small car " + text.Text)), tokens => SentenceEncoder.Pool(PoolingMode.Mean, tokens[3..]), normalize: false), embedder);
        AssertClose(SentenceEncoder.Expected(_source, Texts, tokens => SentenceEncoder.Pool(PoolingMode.Mean, tokens), normalize: false), bare);
    }

    [TestMethod]
    public void What_does_not_fit_is_named()
    {
        SentenceEncoder.Write(_folder, Mean, normalize: false, Prompts, new DenseShape(16, 9, true, Activation.Tanh));
        void Fails<T>(string expected, PoolingModes? pooling = null, EmbeddingPrompt? prompt = null, int? maxLength = null) where T : Exception =>
            StringAssert.Contains(Assert.ThrowsExactly<T>(() => TextEmbedder.Create(_source, Precision.Float32, CPU, maxLength: maxLength, pooling: pooling, prompt: prompt)).Message, expected);

        Fails<ArgumentException>("no prompt 'other'; expected one of 'query', 'passage'", prompt: EmbeddingPrompt.Named("other"));
        Fails<ArgumentException>("Pooling is Cls+Mean, which gives vectors of 32 numbers; expected 16", new PoolingModes(PoolingMode.Mean, PoolingMode.Cls));
        Fails<ArgumentException>("maxLength is 3, which the prompt 'small car' fills with its 3 tokens", maxLength: 3);
        SentenceEncoder.WriteDense(_folder.File("2_Dense"), new(17, 9, true, Activation.Tanh), seed: 0);
        Fails<InvalidDataException>("takes vectors of 17 numbers; expected 16");
        SentenceEncoder.WriteDense(_folder.File("2_Dense"), new(16, 9, true, Activation.Tanh), seed: 0);
        string config = _folder.File("2_Dense/config.json"), sound = File.ReadAllText(config);
        foreach ((string from, string to, string expected) in new[]
        {
            ("\"bias\":true", "\"bias\":false", "1 unknown: linear.bias"), ("\"out_features\":9", "\"out_features\":8", "linear.weight has shape [9, 16], expected [8, 16]"),
            ("\"in_features\":16,", "", "'in_features' is missing"), ("activation.Tanh", "activation.Mish", "'torch.nn.modules.activation.Mish' is not supported; expected one of Identity, Tanh"),
            ("\"out_features\":9", "\"out_features\":0", "'out_features' is 0; expected at least 1"),
        })
        {
            File.WriteAllText(config, sound.Replace(from, to, StringComparison.Ordinal));
            Fails<InvalidDataException>(expected);
        }
        File.WriteAllText(config, sound);
        File.Delete(_folder.File("2_Dense/model.safetensors"));
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => _source.Open([])).Message, "2_Dense");
    }

    [TestMethod]
    public void A_classifier_sits_on_all_poolings_and_comes_back()
    {
        SentenceEncoder.Write(_folder, """{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":true}""", normalize: false);
        using TextClassifier classifier = FineTuner.Fit(Task());
        Assert.AreEqual(32, classifier.Dimension);
        Assert.AreEqual(5, classifier.Settings.Format);
        using TextClassifier copy = classifier.Copy();
        CollectionAssert.AreEqual(Scores(classifier), Scores(copy));
        var embeddings = new float[Texts.Length * 32];
        copy.Embed(Texts, embeddings);
        Assert.IsTrue(embeddings.All(float.IsFinite) && embeddings.All(x => x != 0));
    }

    [TestMethod]
    public void A_classifier_on_dense_modules_is_refused_unless_it_pools_itself()
    {
        SentenceEncoder.Write(_folder, Mean, normalize: false, dense: new DenseShape(16, 9, true, Activation.Tanh));
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => FineTuner.Fit(Task())).Message, "Set Pooling = PoolingMode.Mean");
        using TextClassifier classifier = FineTuner.Fit(Task() with { Pooling = PoolingMode.Mean });
        Assert.AreEqual(16, classifier.Dimension);
    }

    [TestMethod]
    public void SetFit_sits_on_all_poolings()
    {
        SentenceEncoder.Write(_folder, """{"pooling_mode_max_tokens":true,"pooling_mode_mean_tokens":true}""", normalize: false);
        using TextClassifier classifier = SetFitTuner.Fit(SetFit());
        Assert.AreEqual(32, classifier.Dimension);
        Assert.IsTrue(Scores(classifier).All(float.IsFinite));
        using TextClassifier copy = classifier.Copy();
        CollectionAssert.AreEqual(Scores(classifier), Scores(copy));

        SentenceEncoder.Write(_folder, Mean, normalize: false, dense: new DenseShape(16, 9, true, Activation.Tanh));
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => SetFitTuner.Fit(SetFit())).Message, "1 Dense module after pooling");
    }

    [TestMethod]
    public void Dense_modules_teach_but_are_not_trained()
    {
        SentenceEncoder.Write(_folder, Mean, normalize: true, dense: new DenseShape(16, 9, true, Activation.Tanh));
        var options = new PretrainingOptions { MaxLength = 12, MaskedLanguageModeling = null, Distillation = new EncoderDistillation { Teacher = _source }, Precision = Precision.Float32 };
        using PretrainedEncoder student = _source.Open([]);
        using DistillationTeacher teacher = DistillationTeacher.Open(options, student, [], CPU);
        Assert.AreEqual(9, teacher.EmbeddingWidth);
        using var scope = NewDisposeScope();
        double[] expected = SentenceEncoder.Expected(_source, [Texts[0]], tokens => SentenceEncoder.Dense(new(16, 9, true, Activation.Tanh), seed: 0, SentenceEncoder.Pool(PoolingMode.Mean, tokens)), normalize: true)[0];
        float[] found = [.. teacher.Encode([student.Tokenizer.Encode(Texts[0].Text, null, 20, Truncation.Head).Ids], []).Embeddings.data<float>()];
        for (int i = 0; i < 9; i++)
            Assert.AreEqual(expected[i], found[i], 1e-5);

        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => Pretrainer.Run(new PretrainingTask
        {
            Encoder = _source, Options = new PretrainingOptions { MaxLength = 12 }, Texts = () => [], OutputDirectory = _folder.File("out"), Device = CPU,
        })).Message, "Dense modules");
    }

    private SetFitTask SetFit() => new()
    {
        Tuning = Task(),
        Loss = new CosineSimilarityLoss(),
        Pairs = new PairSampling { Iterations = 2 },
        Head = new GradientHeadTrainer(new TrainingOptions { Epochs = 1 }, CPU, seed: 1),
    };

    private FineTuneTask Task() => TinyTexts.Task(new HeadOnly()) with { Encoder = _source };

    private static float[] Scores(TextClassifier classifier)
    {
        var scores = new float[Texts.Length * classifier.ClassCount];
        classifier.Score(Texts, scores);
        return scores;
    }

    private static void AssertClose(double[][] expected, TextEmbedder embedder)
    {
        float[][] found = TextEmbedderTests.Embed(embedder, Texts);
        Assert.HasCount(expected.Length, found);
        for (int row = 0; row < found.Length; row++)
            for (int i = 0; i < found[row].Length; i++)
                Assert.AreEqual(expected[row][i], found[row][i], 1e-5, $"row {row} ('{Texts[row].Text}'), element {i}");
    }
}
