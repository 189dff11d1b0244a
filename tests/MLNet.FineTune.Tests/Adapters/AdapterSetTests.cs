using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Adapters;

[TestClass]
public sealed class AdapterSetTests
{
    private static readonly string[] Texts = ["where is my parcel and when will it come", "please send the money back to me", "how do I change my password"];

    private readonly MLContext _ml = new(7);

    [TestMethod]
    public void Each_text_is_scored_by_its_adapter_as_the_fitted_model_scores_it()
    {
        using MulticlassTextClassificationTransformer lora = Fit(new Lora { Rank = 4 }), head = Fit(new HeadOnly());
        using AdapterSet adapters = _ml.FineTuning().CreateAdapterSet(EncoderSource.Default, Precision.Float32);
        adapters.Add("lora", lora);
        adapters.Add("head", head);
        CollectionAssert.AreEqual((string[])["lora", "head"], adapters.Names.ToArray());

        float[][] expectedLora = Scores(lora), expectedHead = Scores(head), mixed = adapters.Score(Texts, "lora", "head", "lora");
        AssertClose(expectedLora[0], mixed[0]);
        AssertClose(expectedHead[1], mixed[1]);
        AssertClose(expectedLora[2], mixed[2]);
        AssertClose(expectedHead[2], adapters.Score(Texts, "head")[2]);
        Assert.AreEqual(1, mixed[0].Sum(), 1e-5f);
    }

    [TestMethod]
    public void A_saved_folder_is_loaded_merged_and_removed()
    {
        using var folder = new TemporaryFolder();
        using MulticlassTextClassificationTransformer model = Fit(new Lora { Rank = 4 });
        using AdapterSet adapters = _ml.FineTuning().CreateAdapterSet(EncoderSource.Default, Precision.Float32);
        adapters.Add("one", model);
        adapters.Save("one", folder.File("one"));
        CollectionAssert.AreEquivalent((string[])["adapter_config.json", "adapter_model.safetensors"], Directory.GetFiles(folder.File("one")).Select(Path.GetFileName).ToArray());
        adapters.Load("two", folder.File("one"));
        adapters.Merge("both", new Dictionary<string, double> { ["one"] = 0.5, ["two"] = 0.5 });
        float[][] expected = adapters.Score(Texts, "one");
        for (int i = 0; i < Texts.Length; i++)
            AssertClose(expected[i], adapters.Score(Texts, "both")[i]);
        adapters.Remove("one");
        CollectionAssert.AreEqual((string[])["two", "both"], adapters.Names.ToArray());
        AssertClose(expected[0], adapters.Score(Texts, "two")[0]);
    }

    /// <summary>A folder says how its head is to be put on the encoder: a random head sits on pooled states, one of another pooling on those.</summary>
    [TestMethod]
    [DataRow(HeadInitialization.Random, null)]
    [DataRow(HeadInitialization.LinearProbe, PoolingMode.Max)]
    public void A_folder_brings_its_head(HeadInitialization start, PoolingMode? pooling)
    {
        using var folder = new TemporaryFolder();
        TextClassificationOptions options = Tiny.Options("lora", epochs: 1, encoder: EncoderSource.Default);
        (options.HeadInitialization, options.Pooling, options.Precision) = (start, pooling, Precision.Float32);
        using MulticlassTextClassificationTransformer model = Tiny.Fit(_ml, options, rows: 24);
        model.SaveAdapter(folder.File("one"));
        using AdapterSet adapters = _ml.FineTuning().CreateAdapterSet(EncoderSource.Default, Precision.Float32);
        adapters.Load("one", folder.File("one"));
        float[][] expected = Scores(model), actual = adapters.Score(Texts, "one");
        for (int i = 0; i < Texts.Length; i++)
            AssertClose(expected[i], actual[i]);
    }

    [TestMethod]
    [DataRow("\"normalize\":\"True\"", "\"normalize\":\"Nope\"", "metadata 'normalize' is 'Nope'; expected 'True' or 'False'")]
    [DataRow("\"pooling\":\"Mean\"", "\"pooling\":\"Lean\"", "metadata 'pooling' is 'Lean'; expected ways of pooling such as 'Mean'")]
    public void A_folder_with_a_malformed_head_says_what_was_found(string written, string damaged, string says)
    {
        using var folder = new TemporaryFolder();
        using MulticlassTextClassificationTransformer model = Fit(new HeadOnly());
        model.SaveAdapter(folder.File("one"));
        string file = Path.Combine(folder.File("one"), "adapter_model.safetensors");
        string bytes = Encoding.Latin1.GetString(File.ReadAllBytes(file));
        StringAssert.Contains(bytes, written);
        File.WriteAllBytes(file, Encoding.Latin1.GetBytes(bytes.Replace(written, damaged, StringComparison.Ordinal)));
        using AdapterSet adapters = _ml.FineTuning().CreateAdapterSet(EncoderSource.Default);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => adapters.Load("one", folder.File("one"))).Message, says);
    }

    [TestMethod]
    public void Wrong_calls_say_what_is_expected()
    {
        using MulticlassTextClassificationTransformer full = Fit(new FullFineTuning());
        using AdapterSet adapters = _ml.FineTuning().CreateAdapterSet(EncoderSource.Default);
        Assert.Contains("trains the encoder itself", Assert.ThrowsExactly<ArgumentException>(() => adapters.Add("full", full)).Message);
        Assert.Contains("no adapter 'x'; there are none", Assert.ThrowsExactly<ArgumentException>(() => adapters.Score(Texts, "x")).Message);
        Assert.Contains("2 adapters are named for 3 texts", Assert.ThrowsExactly<ArgumentException>(() => adapters.Score(Texts, "x", "y")).Message);
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => adapters.Load("x", "no/such/folder"));
        Assert.Contains("has none", Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().CreateAdapterSet(Tiny.Encoder())).Message);
        adapters.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => adapters.Score(Texts, "x"));
    }

    private MulticlassTextClassificationTransformer Fit(PeftMethod method)
    {
        TextClassificationOptions options = Tiny.Options("lora", epochs: 1, encoder: EncoderSource.Default);
        options.Peft = method;
        return Tiny.Fit(_ml, options, rows: 24);
    }

    private float[][] Scores(MulticlassTextClassificationTransformer model) =>
        [.. model.Transform(_ml.Data.LoadFromEnumerable(Texts.Select(text => new Row { Text = text }))).GetColumn<float[]>("Score")];

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-5f);
    }
}
