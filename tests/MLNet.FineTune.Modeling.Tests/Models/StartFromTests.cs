using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>New encoders that begin with another's vocabulary and weights.</summary>
[TestClass]
public sealed class StartFromTests
{
    private static readonly Lazy<TemporaryFolder> Folder = new();
    private static readonly Lazy<EncoderSource> Words = new(() => Trained(layers: 0)), Layered = new(() => Trained(layers: 2));
    private static readonly string[] Texts = [.. Toys.Corpus(5, 12).Select(text => text.Text), "", "a", "unknown ж words"];

    [ClassCleanup]
    public static void Clean()
    {
        if (Folder.IsValueCreated)
            Folder.Value.Dispose();
    }

    private static EncoderSource Trained(int layers)
    {
        PretrainingOptions options = Toys.Options(20);
        options.Contrastive = new ContrastiveLearning();
        options.Training.LearningRate = 2e-2;
        Toys.Run(Toys.Task(Folder.Value, options, Toys.Encoder(layers, dropout: 0), $"{layers} layers"));
        return EncoderSource.FromDirectory(Folder.Value.File($"{layers} layers"));
    }

    private static ScratchEncoderOptions Options(EncoderSource? start, int layers, int hidden = 32, int maxLength = 40) => new()
    {
        LayerCount = layers, HiddenSize = hidden, HeadCount = 2, IntermediateSize = 64, MaxLength = maxLength, VocabularySize = 5000, Dropout = 0, StartFrom = start,
    };

    private static Dictionary<string, float[]> Weights(EncoderSource source)
    {
        using PretrainedEncoder encoder = source.Open(["other texts than before"]);
        using TaskModel model = encoder.CreateMaskedLanguageModel(CPU, dropout: null);
        return model.named_parameters().ToDictionary(p => p.name, p => p.parameter.data<float>().ToArray());
    }

    [TestMethod]
    public void What_it_starts_from_is_part_of_the_identity_of_a_training()
    {
        string Origin(EncoderSource? start)
        {
            using PretrainedEncoder encoder = EncoderSource.FromScratch(Options(start, layers: 1)).Open(["some texts for a vocabulary"]);
            return encoder.Origin;
        }
        Assert.AreEqual("fresh", Origin(null));
        Assert.AreEqual(Origin(Words.Value), Origin(Words.Value));
        Assert.AreNotEqual(Origin(Words.Value), Origin(Layered.Value));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Vocabulary_and_weights_of_the_same_name_and_shape_are_taken(int layers)
    {
        EncoderSource started = EncoderSource.FromScratch(Options(Layered.Value, layers));
        using (PretrainedEncoder from = Layered.Value.Open([]), to = started.Open(["other texts than before"]))
            CollectionAssert.AreEqual(from.Tokenizer.Files["vocab.txt"], to.Tokenizer.Files["vocab.txt"]);
        Dictionary<string, float[]> given = Weights(Layered.Value), found = Weights(started);
        Assert.HasCount(layers, found.Keys.Where(name => name.EndsWith("attention.query.weight", StringComparison.Ordinal)), string.Join(' ', found.Keys));
        foreach ((string name, float[] values) in found)
            if (name.StartsWith("encoder.layers.2.", StringComparison.Ordinal))
                Assert.IsFalse(given.ContainsKey(name));
            else
                CollectionAssert.AreEqual(given[name], values, name);
    }

    [TestMethod]
    public void Tensors_of_another_shape_are_new_and_the_rest_is_taken()
    {
        Dictionary<string, float[]> given = Weights(Layered.Value), found = Weights(EncoderSource.FromScratch(Options(Layered.Value, layers: 2, maxLength: 24)));
        string[] differing = [.. found.Keys.Where(name => !found[name].AsSpan().SequenceEqual(given[name]))];
        Assert.HasCount(1, differing, string.Join(' ', differing));
        Assert.Contains("position", differing[0]);
        Assert.HasCount(24 * 32, found[differing[0]]);
    }

    [TestMethod]
    public void Of_an_encoder_of_another_width_the_vocabulary_is_all_that_embeddings_get()
    {
        foreach (EncoderSource start in new[] { Layered.Value, Words.Value })
        {
            EncoderSource started = EncoderSource.FromScratch(Options(start, layers: 2, hidden: 48));
            using PretrainedEncoder from = start.Open([]), to = started.Open([]);
            CollectionAssert.AreEqual(from.Tokenizer.Files["vocab.txt"], to.Tokenizer.Files["vocab.txt"]);
            using TaskModel model = to.CreateEmbedder(CPU);
            float[] words = [.. model.Encoder.Embeddings.Word.Weight.data<float>()];
            Assert.AreEqual(to.Config.VocabularySize * 48, words.Length);
            Assert.AreEqual(0.02, Math.Sqrt(words.Average(value => (double)value * value)), 0.001, "normal of the configuration's range");
            Assert.IsTrue(model.Encoder.Embeddings.Norm.Weight.data<float>().All(value => value == 1));
        }
    }

    [TestMethod]
    public void Layers_on_word_embeddings_begin_as_the_identity()
    {
        using (PretrainedEncoder words = Words.Value.Open([]))
        using (TaskModel model = words.CreateEmbedder(CPU))
        {
            // Otherwise a gain left where it was, or forgotten, would not be seen.
            Assert.IsGreaterThan(0.02, model.Encoder.Embeddings.Norm.Weight.std().item<float>());
            Assert.IsGreaterThan(0.02, model.Encoder.Embeddings.Norm.Bias.std().item<float>());
        }
        float[] expected = Toys.Embed(Words.Value, Texts);
        foreach (int layers in new[] { 1, 3 })
        {
            using var folder = new TemporaryFolder();
            using (PretrainedEncoder started = EncoderSource.FromScratch(Options(Words.Value, layers)).Open([]))
            using (TaskModel model = started.CreateMaskedLanguageModel(CPU, dropout: null))
                EncoderDirectory.Write(folder.File("started"), model, started, started.Pooling, half: false);
            float[] found = Toys.Embed(EncoderSource.FromDirectory(folder.File("started")), Texts);
            Assert.HasCount(expected.Length, found);
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], found[i], 1e-5, $"{layers} layers, text {i / 32}");
        }
    }

    /// <summary>What is zero at the start of both sides of a product would stay zero for ever.</summary>
    [TestMethod]
    public void Layers_that_begin_as_the_identity_learn()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        using PretrainedEncoder encoder = EncoderSource.FromScratch(Options(Words.Value, layers: 2)).Open([]);
        using TaskModel model = encoder.CreateEmbedder(CPU);
        int[][] rows = [[2, 20, 31, 42, 3], [2, 25, 36, 3], [2, 50, 51, 52, 53, 3]];
        string[] Idle()
        {
            using EncoderInput input = EncoderInput.Create(rows, null, encoder.Config, CPU);
            model.zero_grad();
            // The next token's vector, as an easy target that is not constant.
            Tensor hidden = model.Encoder.Forward(input).LastHidden;
            (hidden - hidden.detach().roll(1, 1)).pow(2).mean().backward();
            return [.. model.named_parameters().Where(p => p.name.StartsWith("encoder.layers.", StringComparison.Ordinal)
                && !(p.parameter.grad is { } gradient && gradient.abs().max().item<float>() > 1e-12)).Select(p => p.name)];
        }

        Assert.IsNotEmpty(Idle(), "at first what lies before a matrix of zeros gets none");
        using (no_grad())
            foreach (var parameter in model.parameters())
                if (parameter.grad is { } gradient)
                    parameter.add_(gradient, alpha: -0.5);
        // A bias of the keys adds the same to all scores of a query: softmax takes it away.
        CollectionAssert.AreEqual(Array.Empty<string>(), Idle().Where(name => !name.EndsWith("key.bias", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void Rows_beyond_the_vocabulary_are_kept()
    {
        using var folder = new TemporaryFolder();
        EncoderSource padded = TextEmbedderTests.Checkpoint(folder);
        using (PretrainedEncoder encoder = padded.Open([]))
            Assert.IsGreaterThan(encoder.Tokenizer.VocabularySize, encoder.Config.VocabularySize, "as in checkpoints whose tables are padded to a round number");
        Dictionary<string, float[]> given = Weights(padded), found = Weights(EncoderSource.FromScratch(Options(padded, layers: 1, hidden: 16)));
        CollectionAssert.AreEqual(given["encoder.embeddings.word.weight"], found["encoder.embeddings.word.weight"]);
    }

    [TestMethod]
    public void Texts_are_lower_cased_where_the_vocabulary_expects_it()
    {
        using var folder = new TemporaryFolder();
        EncoderSource start = TextEmbedderTests.Checkpoint(folder);
        File.WriteAllText(folder.File("modules.json"), """[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]""");
        Directory.CreateDirectory(folder.File("1_Pooling"));
        File.WriteAllText(folder.File("1_Pooling/config.json"), """{"pooling_mode":"mean"}""");
        File.WriteAllText(folder.File("sentence_bert_config.json"), """{"do_lower_case":true}""");
        using PretrainedEncoder given = start.Open([]), found = EncoderSource.FromScratch(Options(start, layers: 1)).Open([]);
        Assert.IsTrue(given.LowerCase);
        Assert.IsTrue(found.LowerCase);
    }

    [TestMethod]
    public void Starting_from_a_new_encoder_is_refused()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => EncoderSource.FromScratch(Options(Toys.Encoder(), layers: 1)));
        StringAssert.Contains(e.Message, "ScratchEncoderOptions.StartFrom is a new encoder");
    }
}
