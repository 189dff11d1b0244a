using Microsoft.ML;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;
using TorchSharp;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class InterpolateEncodersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(7);

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Weights_lie_on_the_line_from_where_training_began_to_where_it_ended()
    {
        EncoderSource start = ToyTexts.Encoder(_folder);
        EncoderSource trained = Pretrain(start, "trained");
        Dictionary<string, float[]> end = Weights("trained"), half = Weights(trained, start, 0.5, "half"), first = Weights(trained, start, 0, "first"), last = Weights(trained, start, 1, "last");
        CollectionAssert.AreEquivalent(end.Keys, half.Keys);
        bool moved = false;
        foreach ((string name, float[] values) in end)
        {
            CollectionAssert.AreEqual(values, last[name], name);
            moved |= !values.AsSpan().SequenceEqual(first[name]);
            for (int i = 0; i < values.Length; i++)
                Assert.AreEqual((first[name][i] + values[i]) / 2, half[name][i], 1e-6f, name);
        }
        Assert.IsTrue(moved);
    }

    [TestMethod]
    public void Single_tensors_go_as_far_as_they_are_told()
    {
        EncoderSource start = ToyTexts.Encoder(_folder);
        EncoderSource trained = Pretrain(start, "trained");
        const string Kept = "bert.embeddings.word_embeddings.weight";
        _ml.FineTuning().InterpolateEncoders(start, trained, _folder.File("mixed"), 0.25, tensorShare: name => name == Kept ? 1 : null);
        Dictionary<string, float[]> end = Weights("trained"), quarter = Weights(trained, start, 0.25, "quarter"), mixed = Weights("mixed");
        foreach ((string name, float[] values) in mixed)
            CollectionAssert.AreEqual((name == Kept ? end : quarter)[name], values, name);
        CollectionAssert.AreNotEqual(end[Kept], quarter[Kept]);

        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.FineTuning().InterpolateEncoders(start, trained, _folder.File("out"), tensorShare: name => name == Kept ? 2 : null)).Message;
        StringAssert.Contains(message, Kept);
        Assert.IsFalse(Directory.Exists(_folder.File("out")));
    }

    /// <summary>What a new encoder began with is drawn again: after one step of hardly any length, training has ended there.</summary>
    [TestMethod]
    public void A_new_encoder_began_where_its_seed_says()
    {
        EncoderSource start = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 1, HiddenSize = 16, HeadCount = 2, IntermediateSize = 32, MaxLength = 32, StartFrom = Pretrain(Words(), "words") });
        EncoderSource trained = Pretrain(start, "trained", learningRate: 1e-12);
        Dictionary<string, float[]> end = Weights("trained"), first = Weights(trained, start, 0, "first");
        foreach ((string name, float[] values) in end)
            for (int i = 0; i < values.Length; i++)
                Assert.AreEqual(values[i], first[name][i], 1e-6f, name);
    }

    [TestMethod]
    public void What_cannot_be_mixed_is_refused_and_nothing_written()
    {
        EncoderSource trained = Pretrain(Words(), "trained");
        EncoderSource wider = Pretrain(Words(width: 32), "wider"), other = Pretrain(Words(), "other", texts: ["quite other words than before", "none of those words come again"]);
        FineTuningCatalog catalog = _ml.FineTuning();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.InterpolateEncoders(wider, trained, _folder.File("out"))).Message, "has the shape [");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.InterpolateEncoders(other, trained, _folder.File("out"))).Message, "differ in their weights alone");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => catalog.InterpolateEncoders(wider, trained, _folder.File("trained"))).Message, "another folder");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.InterpolateEncoders(trained, trained, _folder.File("out"), 1.1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.InterpolateEncoders(trained, trained, _folder.File("out"), double.NaN));
        Assert.IsFalse(Directory.Exists(_folder.File("out")));
    }

    private static EncoderSource Words(int width = 16) =>
        EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 0, HiddenSize = width, HeadCount = 2, IntermediateSize = 32, MaxLength = 32, VocabularySize = 200 });

    private EncoderSource Pretrain(EncoderSource start, string folder, double learningRate = 1e-2, string[]? texts = null)
    {
        IDataView corpus = _ml.Data.LoadFromEnumerable((texts ?? ToyTexts.Make(20, seed: 1)).Select(text => new Line { Text = text }));
        var options = new EncoderPretrainingOptions { Pretraining = { MaxLength = 16, Precision = Precision.Float32, Training = { MaxSteps = 2, BatchSize = 2, LearningRate = learningRate } } };
        return _ml.FineTuning().Pretrain(corpus, start, _folder.File(folder), options);
    }

    private Dictionary<string, float[]> Weights(EncoderSource trained, EncoderSource start, double share, string folder)
    {
        EncoderSource between = _ml.FineTuning().InterpolateEncoders(start, trained, _folder.File(folder), share);
        Assert.AreEqual(EncoderSource.FromDirectory(_folder.File(folder)).Description, between.Description);
        return Weights(folder);
    }

    private Dictionary<string, float[]> Weights(string folder)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(_folder.File(folder), "model.safetensors"));
        return file.Tensors.Keys.ToDictionary(name => name, name =>
        {
            using torch.Tensor tensor = file.Read(name);
            return tensor.data<float>().ToArray();
        });
    }

    private sealed class Line
    {
        public string Text { get; set; } = "";
    }
}
