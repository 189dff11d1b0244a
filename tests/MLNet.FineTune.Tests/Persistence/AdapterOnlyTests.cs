using System.IO.Compression;
using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Persistence;

/// <summary>Models saved without their encoder: small, equal when the encoder is there, refused when it is another.</summary>
[TestClass]
public sealed class AdapterOnlyTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow("lora")]
    [DataRow("head")]
    public void A_reference_loads_the_encoder_and_gives_the_same_scores(string method)
    {
        using var folder = new TemporaryFolder();
        string encoder = EncoderDirectory.Write(folder.File("encoder"));
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(30));
        using var model = Fit(encoder, method);
        _ml.FineTuning().SaveModel(model, data.Schema, folder.File("small.zip"));
        using (ZipArchive zip = ZipFile.OpenRead(folder.File("small.zip")))
        {
            string[] names = [.. zip.Entries.Select(entry => entry.Name)];
            CollectionAssert.Contains(names, "adapter_model.safetensors");
            Assert.IsFalse(names.Any(name => name is "encoder.safetensors" or "config.json" || name.StartsWith("tokenizer_", StringComparison.Ordinal)), string.Join(", ", names));
        }
        using var back = (IDisposable)new MLContext().Model.Load(folder.File("small.zip"), out _);
        Tiny.AssertSame(Tiny.Scores(model, data), Tiny.Scores((ITransformer)back, data));
    }

    /// <summary>Training from the directory is training from its weights: the same files elsewhere give the same model, others another.</summary>
    [TestMethod]
    public void The_encoder_of_the_directory_is_what_is_trained()
    {
        using var folder = new TemporaryFolder();
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(30));
        string first = EncoderDirectory.Write(folder.File("first")), same = EncoderDirectory.Write(folder.File("same"));
        string other = EncoderDirectory.Write(folder.File("other"), (name, content) => name == EncoderDirectory.Weights ? EncoderDirectory.OtherWeights : content);
        using MulticlassTextClassificationTransformer a = Fit(first, "lora"), b = Fit(same, "lora"), c = Fit(other, "lora");
        Tiny.AssertSame(Tiny.Scores(a, data), Tiny.Scores(b, data));
        Assert.IsFalse(Tiny.Scores(a, data)[0].SequenceEqual(Tiny.Scores(c, data)[0]));
    }

    [TestMethod]
    public void Another_encoder_in_the_directory_is_refused_with_both_digests()
    {
        using var folder = new TemporaryFolder();
        string encoder = EncoderDirectory.Write(folder.File("encoder"));
        using (var model = Fit(encoder, "lora"))
            _ml.FineTuning().SaveModel(model, null, folder.File("small.zip"));
        File.WriteAllBytes(Path.Combine(encoder, EncoderDirectory.Weights), EncoderDirectory.OtherWeights);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(folder.File("small.zip"), out _)).Message;
        foreach (string part in (string[])[folder.File("small.zip"), encoder, "found another there", "SHA-256", nameof(SavedWeights.Embedded)])
            StringAssert.Contains(message, part);

        // Through ML.NET the same message lies behind the exceptions of its loading by reflection.
        Exception wrapped = Assert.Throws<Exception>(() => _ml.Model.Load(folder.File("small.zip"), out _)).GetBaseException();
        Assert.IsInstanceOfType<InvalidDataException>(wrapped);
        StringAssert.Contains(wrapped.Message, "found another there");
    }

    [TestMethod]
    public void A_missing_directory_is_named()
    {
        using var folder = new TemporaryFolder();
        string encoder = EncoderDirectory.Write(folder.File("encoder"));
        using (var model = Fit(encoder, "lora"))
            _ml.FineTuning().SaveModel(model, null, folder.File("small.zip"));
        Directory.Delete(encoder, recursive: true);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(folder.File("small.zip"), out _)).Message, encoder);
    }

    private MulticlassTextClassificationTransformer Fit(string encoder, string method)
    {
        TextClassificationOptions options = Tiny.Options(method, epochs: 1, encoder: EncoderSource.FromDirectory(encoder));
        options.SavedWeights = SavedWeights.AdapterOnly;
        return Tiny.Fit(new MLContext(3), options);
    }
}
