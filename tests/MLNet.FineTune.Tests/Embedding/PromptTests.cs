using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Embedding;

/// <summary>Prompts of a sentence-transformers directory through the door, and in the zip.</summary>
[TestClass]
public sealed class PromptTests : IDisposable
{
    private readonly MLContext _ml = new(7);
    private readonly TemporaryFolder _folder = new();
    private readonly string _encoder;
    private readonly List<Row> _rows = [.. Rows.Make(12).Where(row => row.Text is not null)];

    public PromptTests()
    {
        _encoder = EncoderDirectory.Write(_folder.File("encoder"));
        Directory.CreateDirectory(Path.Combine(_encoder, "1_Pooling"));
        File.WriteAllText(Path.Combine(_encoder, "1_Pooling/config.json"), """{"pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":true}""");
        File.WriteAllText(Path.Combine(_encoder, "modules.json"), """[{"idx":0,"path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]""");
        File.WriteAllText(Path.Combine(_encoder, "config_sentence_transformers.json"), """{"prompts":{"query":"where is ","passage":"money "},"default_prompt_name":"query"}""");
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow("Default", "where is ")]
    [DataRow("passage", "money ")]
    [DataRow("None", "")]
    [DataRow("own", "my parcel ")]
    public void The_prompt_goes_before_texts_and_into_the_zip(string choice, string before)
    {
        TextEmbeddingOptions options = TinyEmbedding.Options(_encoder), plain = TinyEmbedding.Options(_encoder);
        options.Prompt = choice switch { "Default" => options.Prompt, "None" => EmbeddingPrompt.None, "own" => EmbeddingPrompt.FromText(before), _ => EmbeddingPrompt.Named(choice) };
        plain.Prompt = EmbeddingPrompt.None;
        using TextEmbeddingTransformer model = TinyEmbedding.Fit(_ml, options), bare = TinyEmbedding.Fit(_ml, plain);
        IDataView data = _ml.Data.LoadFromEnumerable(_rows);
        float[][] expected = TinyEmbedding.Vectors(bare, _ml.Data.LoadFromEnumerable(_rows.Select(row => new Row { Text = before + row.Text }))), found = TinyEmbedding.Vectors(model, data);
        for (int row = 0; row < _rows.Count; row++)
            TinyEmbedding.AssertClose(expected[row], found[row], _rows[row].Text);
        Assert.AreEqual(64, found[0].Length, "mean and maximum of 32 numbers");

        _ml.Model.Save(model, data.Schema, _folder.File("model.zip"));
        Directory.Delete(_encoder, recursive: true);
        using var back = (TextEmbeddingTransformer)new MLContext().Model.Load(_folder.File("model.zip"), out _);
        Tiny.AssertSame(found, TinyEmbedding.Vectors(back, data));
    }

    [TestMethod]
    public void A_prompt_that_is_not_there_is_named()
    {
        TextEmbeddingOptions options = TinyEmbedding.Options(_encoder);
        options.Prompt = EmbeddingPrompt.Named("document");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TinyEmbedding.Fit(_ml, options)).Message, "no prompt 'document'; expected one of 'query', 'passage'");
        options.Prompt = null!;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.Text.EmbedText(options)).Message, "Prompt");
        Assert.ThrowsExactly<ArgumentException>(() => EmbeddingPrompt.Named(" "));
        Assert.ThrowsExactly<ArgumentException>(() => EmbeddingPrompt.FromText(""));
        Assert.AreEqual("Default None query \"query: \"", $"{EmbeddingPrompt.Default} {EmbeddingPrompt.None} {EmbeddingPrompt.Named("query")} {EmbeddingPrompt.FromText("query: ")}");
    }
}
