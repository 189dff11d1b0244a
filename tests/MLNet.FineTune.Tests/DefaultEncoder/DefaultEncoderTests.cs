using System.Reflection;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.DefaultEncoder;

/// <summary>The encoder that comes with the library is there, is of the size it is said to be, and has learnt something.</summary>
[TestClass]
public sealed class DefaultEncoderTests
{
    private static readonly Assembly Files = Assembly.Load("MLNet.FineTune.DefaultEncoder");

    [TestMethod]
    public void WeightsAreHalfPrecisionAndAtMost16Megabytes()
    {
        using Stream weights = Files.GetManifestResourceStream("model.safetensors")!;
        Assert.IsLessThanOrEqualTo(16_000_000, weights.Length);
        var header = new byte[BitConverter.ToInt64(Read(weights, sizeof(long)))];
        weights.ReadExactly(header);
        using JsonDocument tensors = JsonDocument.Parse(header);
        foreach (JsonProperty tensor in tensors.RootElement.EnumerateObject().Where(tensor => tensor.Name != "__metadata__"))
            Assert.AreEqual("F16", tensor.Value.GetProperty("dtype").GetString(), tensor.Name);
    }

    [TestMethod]
    public void ReadsAtLeast256TokensAndScalesTheirMeanToLengthOneAsItsFilesSay()
    {
        using PretrainedEncoder encoder = EncoderSource.Default.Open([]);
        Assert.IsGreaterThanOrEqualTo(256, encoder.MaxLength);
        Assert.AreEqual("Mean", encoder.Pooling!.ToString());
        Assert.IsTrue(encoder.Normalize);
        using var modules = JsonDocument.Parse(Files.GetManifestResourceStream("modules.json")!);
        CollectionAssert.AreEqual((string[])["Transformer", "Pooling", "Normalize"], modules.RootElement.EnumerateArray().Select(module => module.GetProperty("type").GetString()!.Split('.')[^1]).ToArray());
        Assert.IsGreaterThan(0, encoder.Config.LayerCount);
    }

    [TestMethod]
    public void TextsOfOneMeaningAreCloserThanOthers()
    {
        (string Text, string Alike, string Other)[] triples =
        [
            ("My new card has not arrived yet.", "I am still waiting for the card you sent.", "The film was a joy from beginning to end."),
            ("How can I resize a photo?", "Change the size of a picture.", "The president gave a speech to congress."),
            ("The patient has a high fever and a cough.", "Symptoms of the illness are coughing and fever.", "Click the button to save your file."),
            ("Put the butter and sugar into a bowl.", "Mix sugar with butter in a large bowl.", "The court ruled that the law was void."),
        ];
        using TextEmbedder embedder = TextEmbedder.Create(EncoderSource.Default, Precision.Float32, CPU);
        foreach ((string text, string alike, string other) in triples)
        {
            float[][] vectors = Embed(embedder, text, alike, other);
            Assert.IsGreaterThan(TensorPrimitives.CosineSimilarity<float>(vectors[0], vectors[2]) + 0.1f, TensorPrimitives.CosineSimilarity<float>(vectors[0], vectors[1]), text);
        }
    }

    [TestMethod]
    public void TheHeadThatPredictsHiddenWordsIsTrained()
    {
        using PretrainedEncoder encoder = EncoderSource.Default.Open([]);
        using TaskModel model = encoder.CreateMaskedLanguageModel(CPU, dropout: 0);
        model.eval();
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var losses = new List<double>();
        foreach (string text in (ReadOnlySpan<string>)["the president of the united states gave a speech to the congress", "she went to the doctor because she was sick and had a fever", "click the button to save the file in the folder"])
        {
            int[] ids = encoder.Tokenizer.Encode(text, null, 64, Truncation.LongestFirst).Ids;
            for (int hidden = 1; hidden < ids.Length - 1; hidden++)
            {
                int[] masked = [.. ids];
                masked[hidden] = encoder.Tokenizer.MaskId!.Value;
                using var input = Encoders.EncoderInput.Create([masked], null, encoder.Config, CPU);
                losses.Add(-nn.functional.log_softmax(model.Forward(input)[0, hidden], 0)[ids[hidden]].item<float>());
            }
        }
        Assert.IsLessThan(0.75 * Math.Log(encoder.Config.VocabularySize), losses.Average(), "three quarters of what guessing gives");
    }

    [TestMethod]
    public void IsFoundAgainByReference()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(1);
        IDataView data = ml.Data.LoadFromEnumerable(new[] { new Row { Text = "one text" }, new Row { Text = "and another" } });
        using var model = ml.Transforms.Text.EmbedText(new TextEmbeddingOptions { InputColumnName = "Text", SavedWeights = SavedWeights.AdapterOnly }).Fit(data);
        ml.Model.Save(model, data.Schema, folder.File("model.zip"));
        Assert.IsLessThan(1_000_000, new FileInfo(folder.File("model.zip")).Length);
        using var loaded = (IDisposable)new MLContext(2).Model.Load(folder.File("model.zip"), out _);
        float[][] before = [.. model.Transform(data).GetColumn<float[]>("Features")], after = [.. ((ITransformer)loaded).Transform(data).GetColumn<float[]>("Features")];
        for (int row = 0; row < before.Length; row++)
            CollectionAssert.AreEqual(before[row], after[row]);
    }

    private static float[][] Embed(TextEmbedder embedder, params string[] texts)
    {
        var vectors = new float[texts.Length * embedder.Dimension];
        embedder.Embed([.. texts.Select(text => new TextInput(text))], vectors);
        return [.. vectors.Chunk(embedder.Dimension)];
    }

    private static byte[] Read(Stream stream, int count)
    {
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
