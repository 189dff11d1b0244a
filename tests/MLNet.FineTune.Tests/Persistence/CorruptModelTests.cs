using System.IO.Compression;
using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;

namespace MLNet.FineTune.Tests.Persistence;

/// <summary>A zip that is not what was saved is refused, naming the stream.</summary>
[TestClass]
public sealed class CorruptModelTests
{
    private const string Folder = "TransformerChain/";

    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow(BagOfWordsFormat.WeightsStream)]
    [DataRow(BagOfWordsFormat.ShapeStream)]
    public void A_missing_stream_is_named(string stream) =>
        StringAssert.Contains(LoadAltered(stream, _ => null).Message, $"'{stream}' is missing");

    [TestMethod]
    [DataRow(BagOfWordsFormat.WeightsStream)]
    [DataRow(BagOfWordsFormat.ShapeStream)]
    public void An_altered_stream_is_named(string stream) => StringAssert.Contains(
        LoadAltered(stream, bytes =>
        {
            bytes[bytes.Length / 2] ^= 1;
            return bytes;
        }).Message, $"'{stream}' has another SHA-256");

    [TestMethod]
    public void A_truncated_stream_is_named_with_its_lengths() =>
        StringAssert.Contains(LoadAltered(BagOfWordsFormat.WeightsStream, bytes => bytes[..100]).Message, $"'{BagOfWordsFormat.WeightsStream}' has 100 bytes");

    /// <summary>Whichever byte of Model.key is flipped, loading fails with a documented exception or gives the same model; it never crashes or allocates wildly.</summary>
    [TestMethod]
    public void An_altered_Model_key_is_refused_or_harmless()
    {
        byte[] zip = Save();
        byte[] key = Entry(zip, "Model.key");
        int refused = 0;
        for (int position = 0; position < key.Length; position += position < 256 ? 1 : 7)
        {
            byte[] altered = (byte[])key.Clone();
            altered[position] ^= 0x41;
            try
            {
                using var loaded = (IDisposable)Load(Replace(zip, "Model.key", altered));
            }
            catch (Exception e) when (e.GetBaseException() is InvalidDataException or FormatException or InvalidOperationException or ArgumentException
                or FileNotFoundException or FileLoadException or EndOfStreamException or IOException)
            {
                refused++;
            }
        }
        Assert.IsGreaterThan(150, refused);
    }

    [TestMethod]
    public void An_altered_description_is_refused_with_the_name_of_the_stream()
    {
        byte[] zip = Save();
        byte[] key = Entry(zip, "Model.key");
        int text = System.Text.Encoding.Latin1.GetString(key).IndexOf("test-bag-of-words", StringComparison.Ordinal);
        key[text] ^= 1;
        StringAssert.Contains(LoadFailure(Replace(zip, "Model.key", key)).Message, "Model.key");
    }

    [TestMethod]
    public void A_newer_format_says_to_update_the_package()
    {
        byte[] zip = Save();
        byte[] key = Entry(zip, "Model.key");
        // ML.NET's header: model signature, version written, version readable.
        int signature = System.Text.Encoding.Latin1.GetString(key).IndexOf("FTMCTEXT", StringComparison.Ordinal);
        BitConverter.TryWriteBytes(key.AsSpan(signature + 8), 0x00030001u);
        BitConverter.TryWriteBytes(key.AsSpan(signature + 12), 0x00020001u);
        string message = LoadFailure(Replace(zip, "Model.key", key)).Message;
        StringAssert.Contains(message, "2.1");
        StringAssert.Contains(message, "1.1");
        StringAssert.Contains(message, "Update the MLNet.FineTune package");
    }

    private Exception LoadAltered(string stream, Func<byte[], byte[]?> alter)
    {
        byte[] zip = Save();
        return LoadFailure(Replace(zip, stream, alter(Entry(zip, stream))));
    }

    /// <summary>The exception behind those that ML.NET, which loads by reflection, wraps around it.</summary>
    private Exception LoadFailure(byte[] zip)
    {
        Exception? failure = null;
        try
        {
            Load(zip);
        }
        catch (Exception e)
        {
            failure = e.GetBaseException();
        }
        Assert.IsNotNull(failure);
        Assert.IsInstanceOfType<InvalidDataException>(failure);
        return failure;
    }

    private byte[] Save()
    {
        using var model = Rows.Transformer(_ml, BagOfWordsClassifier.Random(3));
        using var stream = new MemoryStream();
        _ml.Model.Save(model, null, stream);
        return stream.ToArray();
    }

    private ITransformer Load(byte[] zip) => _ml.Model.Load(new MemoryStream(zip), out _);

    private static byte[] Entry(byte[] zip, string name)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        using Stream stream = archive.GetEntry(Folder + name)!.Open();
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] Replace(byte[] zip, string name, byte[]? content)
    {
        var stream = new MemoryStream();
        stream.Write(zip);
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            archive.GetEntry(Folder + name)!.Delete();
            if (content is not null)
            {
                using Stream entry = archive.CreateEntry(Folder + name).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }
}
