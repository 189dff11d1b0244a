using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Fixtures;

/// <summary>Embedding with the tiny encoder of <see cref="EncoderDirectory"/>.</summary>
internal static class TinyEmbedding
{
    /// <summary>The column that tests embed into.</summary>
    public const string Output = "Features";

    public static TextEmbeddingOptions Options(string directory) => new()
    {
        OutputColumnName = Output,
        InputColumnName = nameof(Row.Text),
        Encoder = EncoderSource.FromDirectory(directory),
        // So that results are the same on every machine's kind of arithmetic.
        Precision = Precision.Float32,
        BatchSize = 8,
    };

    public static TextEmbeddingTransformer Fit(MLContext ml, TextEmbeddingOptions options) => ml.Transforms.Text.EmbedText(options).Fit(ml.Data.LoadFromEnumerable(Rows.Make(1)));

    /// <summary>The vectors of the texts one by one, without ML.NET.</summary>
    public static float[][] Expected(string directory, IEnumerable<string?> texts)
    {
        using TextEmbedder embedder = TextEmbedder.Create(EncoderSource.FromDirectory(directory), Precision.Float32, CPU, batchSize: 1);
        return [.. texts.Select(text =>
        {
            var vector = new float[embedder.Dimension];
            embedder.Embed([new TextInput(text ?? "")], vector);
            return vector;
        })];
    }

    public static float[][] Vectors(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>(Output)];

    public static void AssertClose(float[] expected, float[] found, string? message = null)
    {
        Assert.HasCount(expected.Length, found, message);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], found[i], 1e-5f, message);
    }
}

/// <summary>A row with its vector.</summary>
internal sealed class EmbeddedRow
{
    public int Number { get; set; }

    public string Text { get; set; } = "";

    public float[] Values { get; set; } = [];

    public float[] Features { get; set; } = [];
}
