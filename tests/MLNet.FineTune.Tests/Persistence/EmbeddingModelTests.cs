using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Persistence;

/// <summary>Zips with embeddings: what comes back is what was saved, or nothing.</summary>
[TestClass]
public sealed class EmbeddingModelTests : IDisposable
{
    private readonly MLContext _ml = new(7);
    private readonly TemporaryFolder _folder = new();
    private readonly string _encoder;
    private readonly IDataView _data;

    public EmbeddingModelTests()
    {
        _encoder = EncoderDirectory.Write(_folder.File("encoder"));
        _data = _ml.Data.LoadFromEnumerable(Rows.Make(60));
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(SavedWeights.Embedded)]
    [DataRow(SavedWeights.AdapterOnly)]
    public void A_loaded_model_gives_bit_equal_vectors(SavedWeights weights)
    {
        using TextEmbeddingTransformer model = Fit(weights, options => (options.Pooling, options.Normalize, options.MaxLength) = (PoolingMode.Max, true, 9));
        _ml.Model.Save(model, _data.Schema, ModelPath);
        if (weights == SavedWeights.Embedded)
            Directory.Delete(_encoder, recursive: true);
        using var back = (TextEmbeddingTransformer)new MLContext().Model.Load(ModelPath, out DataViewSchema schema);
        Assert.AreEqual(TextDataViewType.Instance, schema[nameof(Row.Text)].Type);
        Tiny.AssertSame(TinyEmbedding.Vectors(model, _data), TinyEmbedding.Vectors(back, _data));
        Assert.IsTrue(back.GetOutputSchema(_data.Schema)[TinyEmbedding.Output].IsNormalized());
        Assert.AreEqual(16 * 8, back.WindowRows, "the batch size comes back");
    }

    [TestMethod]
    public void A_reference_takes_little_room_and_is_checked()
    {
        using (TextEmbeddingTransformer model = Fit(SavedWeights.AdapterOnly))
            _ml.FineTuning().SaveModel(model, null, ModelPath);
        using (ZipArchive zip = ZipFile.OpenRead(ModelPath))
            Assert.IsFalse(zip.Entries.Any(entry => entry.Name is "encoder.safetensors" or "config.json" || entry.Name.StartsWith("tokenizer_", StringComparison.Ordinal)));
        File.WriteAllBytes(Path.Combine(_encoder, EncoderDirectory.Weights), EncoderDirectory.OtherWeights);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(ModelPath, out _)).Message;
        foreach (string part in (string[])[ModelPath, _encoder, "found another there", "SHA-256", nameof(SavedWeights.Embedded)])
            StringAssert.Contains(message, part);
        Directory.Delete(_encoder, recursive: true);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(ModelPath, out _)).Message, "cannot be opened");
    }

    [TestMethod]
    public void Every_stream_that_is_missing_altered_or_cut_is_named()
    {
        byte[] zip = Save();
        string[] streams = [.. Zip.Read(zip).Keys.Where(name => name.StartsWith("TransformerChain/", StringComparison.Ordinal))];
        Assert.IsGreaterThanOrEqualTo(5, streams.Length, string.Join(", ", streams));
        foreach (string stream in streams)
        {
            string name = Path.GetFileName(stream);
            foreach (Func<byte[], byte[]?> damage in (Func<byte[], byte[]?>[])[_ => null, Flip, bytes => bytes[..(bytes.Length / 2)], _ => []])
            {
                File.WriteAllBytes(ModelPath, Zip.With(zip, stream, damage));
                string message = Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(ModelPath, out _)).Message;
                if (name != "Model.key" || damage == Flip)
                    StringAssert.Contains(message, name == "Model.key" ? "Model.key" : $"'{name}'");
            }
        }
    }

    [TestMethod]
    public void A_newer_format_says_to_update_the_package()
    {
        byte[] zip = Zip.With(Save(), "TransformerChain/Model.key", key =>
        {
            // ML.NET's header: model signature, version written, version readable.
            int signature = System.Text.Encoding.Latin1.GetString(key).IndexOf("FTEMBTXT", StringComparison.Ordinal);
            BitConverter.TryWriteBytes(key.AsSpan(signature + 8), 0x00030001u);
            BitConverter.TryWriteBytes(key.AsSpan(signature + 12), 0x00020001u);
            return key;
        });
        File.WriteAllBytes(ModelPath, zip);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(ModelPath, out _)).Message, "Update the MLNet.FineTune package");
    }

    [TestMethod]
    public void A_failed_save_leaves_no_file_and_a_disposed_transformer_is_not_saved()
    {
        using var failing = new TextEmbeddingTransformer(_ml, new LetterCountEmbedder(), new EmbeddingColumns("Features", nameof(Row.Text)));
        Assert.ThrowsExactly<IOException>(() => _ml.FineTuning().SaveModel(failing, null, ModelPath));
        TextEmbeddingTransformer model = Fit(SavedWeights.Embedded);
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => _ml.FineTuning().SaveModel(model, null, ModelPath));
        CollectionAssert.AreEqual(new[] { _encoder }, Directory.GetFileSystemEntries(_folder.Path));
    }

    [TestMethod]
    public void Loading_embedding_and_disposing_gives_all_memory_back()
    {
        using (TextEmbeddingTransformer model = Fit(SavedWeights.Embedded))
            _ml.FineTuning().SaveModel(model, null, ModelPath);
        LiveTensors.NoneLeft(() =>
        {
            for (int i = 0; i < 5; i++)
                using (var model = (TextEmbeddingTransformer)_ml.FineTuning().LoadModel(ModelPath, out _))
                    TinyEmbedding.Vectors(model, _data);
        });
    }

    private string ModelPath => _folder.File("model.zip");

    private TextEmbeddingTransformer Fit(SavedWeights weights, Action<TextEmbeddingOptions>? change = null)
    {
        TextEmbeddingOptions options = TinyEmbedding.Options(_encoder);
        options.SavedWeights = weights;
        change?.Invoke(options);
        return TinyEmbedding.Fit(_ml, options);
    }

    private byte[] Save()
    {
        using TextEmbeddingTransformer model = Fit(SavedWeights.Embedded);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, null, stream);
        return stream.ToArray();
    }

    private static byte[] Flip(byte[] bytes)
    {
        bytes[bytes.Length / 2] ^= 1;
        return bytes;
    }
}
