using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Attention;
using MLNet.FineTune.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>New encoders with a learned bias by distance.</summary>
[TestClass]
public sealed class RelativePositionTests
{
    private static readonly string[] Texts = ["the old house", "a new car on the street", "my house is big"];

    [TestMethod]
    public void PaddingHasTheIdThatPythonTakesForIt()
    {
        using PretrainedEncoder encoder = Source().Open(Texts);
        Assert.AreEqual("mpnet", encoder.Config.ModelType);
        Assert.AreEqual(1, encoder.Tokenizer.PadId);
        Assert.AreEqual(24, encoder.MaxLength);
        string[] vocabulary = System.Text.Encoding.UTF8.GetString(encoder.Tokenizer.Files["vocab.txt"]).Split('\n');
        CollectionAssert.AreEqual((string[])["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"], vocabulary[..5]);
        CollectionAssert.AreEqual((int[])[2, 3], (int[])[encoder.Tokenizer.Encode("", null, 8, default).Ids[0], encoder.Tokenizer.Encode("", null, 8, default).Ids[^1]]);
    }

    [TestMethod]
    public void HalfOfTheHeadsBeginByLookingAtANeighbour()
    {
        using var scope = NewDisposeScope();
        using PretrainedEncoder encoder = Source().Open(Texts);
        using TaskModel model = encoder.CreateEmbedder(CPU);
        using Tensor buckets = RelativePositions.DirectedBuckets(6, 8, CPU);
        Tensor bias = model.Encoder.RelativeBias!.Forward(buckets); // [query, key, heads]
        for (int query = 1; query < 5; query++)
        {
            Assert.AreEqual(query - 1, bias.select(2, 0)[query].argmax().item<long>());
            Assert.AreEqual(query + 1, bias.select(2, 1)[query].argmax().item<long>());
        }
        Assert.AreEqual(0f, bias.narrow(2, 2, 2).abs().max().item<float>(), "the others look at all alike");
    }

    [TestMethod]
    public void LayersOnWordEmbeddingsBeginAsTheIdentity()
    {
        using var folder = new TemporaryFolder();
        using (PretrainedEncoder words = Source(layers: 0).Open(Texts))
        using (TaskModel model = words.CreateMaskedLanguageModel(CPU, dropout: 0))
            EncoderDirectory.Write(folder.File("words"), model, words, PoolingMode.Mean, half: false);
        EncoderSource start = EncoderSource.FromDirectory(folder.File("words"));

        float[] Embed(EncoderSource source)
        {
            using PretrainedEncoder encoder = source.Open(Texts);
            using TaskModel model = encoder.CreateEmbedder(CPU);
            model.eval();
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            using EncoderInput input = EncoderInput.Create([.. Texts.Select(text => encoder.Tokenizer.Encode(text, null, 24, default).Ids)], null, encoder.Config, CPU);
            return [.. model.Forward(input).data<float>()];
        }

        float[] expected = Embed(start), actual = Embed(Source(start: start));
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4f);
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(7)]
    [DataRow(257)]
    public void OtherNumbersOfBucketsAreRefused(int buckets) =>
        Assert.Contains($"RelativePositionBuckets is {buckets}; expected 0, or 8 to 256", Assert.ThrowsExactly<ArgumentException>(() => Source(buckets: buckets).Open(Texts)).Message);

    private static EncoderSource Source(int layers = 1, int buckets = 8, EncoderSource? start = null) => EncoderSource.FromScratch(new ScratchEncoderOptions
    {
        LayerCount = layers, HiddenSize = 32, HeadCount = 4, IntermediateSize = 64, VocabularySize = 100, MaxLength = 24, RelativePositionBuckets = buckets, StartFrom = start,
    });
}
