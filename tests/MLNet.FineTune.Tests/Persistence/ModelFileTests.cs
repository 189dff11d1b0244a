using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.Persistence;

[TestClass]
public sealed class ModelFileTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    public void A_saved_file_is_a_plain_MLNet_model()
    {
        using var folder = new TemporaryFolder();
        using var model = Rows.Transformer(_ml, BagOfWordsClassifier.Random(3));
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(20));
        File.WriteAllText(folder.File("model.zip"), "older");
        _ml.FineTuning().SaveModel(model, data.Schema, folder.File("model.zip"));
        ITransformer plain = _ml.Model.Load(folder.File("model.zip"), out _);
        ITransformer loaded = _ml.FineTuning().LoadModel(folder.File("model.zip"), out DataViewSchema? schema);
        Assert.IsNotNull(schema);
        float[][] expected = [.. model.Transform(data).GetColumn<float[]>("Score")];
        foreach (ITransformer transformer in (ITransformer[])[plain, loaded])
            Assert.IsTrue(transformer.Transform(data).GetColumn<float[]>("Score").Zip(expected).All(pair => pair.First.SequenceEqual(pair.Second)));
        CollectionAssert.AreEqual(new[] { folder.File("model.zip") }, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void A_failure_while_saving_leaves_the_old_file_and_nothing_else()
    {
        ClassifierFormats.Register(new FailingFormat());
        using var folder = new TemporaryFolder();
        using var model = new BinaryTextClassificationTransformer(_ml, new Failing(), new ScoringColumns("Text"));
        File.WriteAllText(folder.File("model.zip"), "older");
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => _ml.FineTuning().SaveModel(model, null, folder.File("model.zip"))).Message, "No space left");
        Assert.AreEqual("older", File.ReadAllText(folder.File("model.zip")));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => _ml.FineTuning().SaveModel(model, null, folder.File("absent/model.zip")));
    }

    [TestMethod]
    public void A_damaged_file_is_named_with_its_stream()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        using var model = Rows.Transformer(_ml, BagOfWordsClassifier.Random(3));
        _ml.FineTuning().SaveModel(model, null, path);
        byte[] whole = File.ReadAllBytes(path);
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Update))
            archive.GetEntry("TransformerChain/" + BagOfWordsFormat.WeightsStream)!.Delete();
        string message = Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(path, out _)).Message;
        StringAssert.Contains(message, path);
        StringAssert.Contains(message, BagOfWordsFormat.WeightsStream);

        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(path, out _)).Message, path);
        Assert.ThrowsExactly<FileNotFoundException>(() => _ml.FineTuning().LoadModel(folder.File("absent.zip"), out _));
    }

    private sealed class Failing : ITextClassifier
    {
        public int ClassCount => 2;

        public int BatchSize => 1;

        public void Score(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive = null) => logits.Clear();

        public void Dispose()
        {
        }
    }

    private sealed class FailingFormat : IClassifierFormat
    {
        public string Kind => "test-failing";

        public bool Handles(ITextClassifier classifier) => classifier is Failing;

        public void Save(ITextClassifier classifier, Action<string, Action<Stream>> write) => write("weights.bin", stream =>
        {
            stream.Write(new byte[1000]);
            throw new IOException("No space left on device");
        });

        public ITextClassifier Load(IHostEnvironment environment, Func<string, Stream?> open) => new Failing();
    }
}
