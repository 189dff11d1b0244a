using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune;
using Spectre.Console;
using System.Numerics.Tensors;

namespace PretrainEncoder;

/// <summary>Shows what an encoder finds alike.</summary>
internal static class Similarity
{
    private static readonly string[] Texts =
    [
        "My card has not arrived yet.",
        "I am still waiting for my new card.",
        "How do I change the size of a photo?",
        "Resize the picture before you send it.",
        "The film was a joy from beginning to end.",
    ];

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }

    public static void Show(MLContext ml, EncoderSource encoder)
    {
        IDataView rows = ml.Data.LoadFromEnumerable(Texts.Select(text => new Row { Text = text }));
        var pipeline = ml.Transforms.Text.EmbedText("Embedding", nameof(Row.Text), encoder);
        using var model = pipeline.Fit(rows);
        float[][] vectors = [.. model.Transform(rows).GetColumn<float[]>("Embedding")];

        var table = new Table().Title("Cosine similarity").AddColumn("Text");
        foreach (int column in Enumerable.Range(1, Texts.Length))
            table.AddColumn(new TableColumn($"{column}").RightAligned());
        for (int i = 0; i < Texts.Length; i++)
            table.AddRow([$"{i + 1}  {Markup.Escape(Texts[i])}", .. vectors.Select(other => TensorPrimitives.CosineSimilarity<float>(vectors[i], other).ToString("F2", System.Globalization.CultureInfo.InvariantCulture))]);
        AnsiConsole.Write(table);
    }
}
