using Microsoft.Extensions.AI;
using Microsoft.ML;

namespace MLNet.FineTune.Extensions.AI.Tests;

/// <summary>Texts whose words tell their class, small models of them, and ways to read vectors.</summary>
internal static class Texts
{
    /// <summary>Of different lengths, and one empty.</summary>
    public static readonly string[] Mixed =
    [
        "where is my parcel", "", "money back please", "the courier has lost the box, and nobody at the depot knows where it is or when it arrives", "reset", "my account is locked again",
    ];

    public static IReadOnlyList<TextRow> Rows { get; } =
    [
        .. from class_ in new[] { ("refund", "money invoice paid charged"), ("delivery", "parcel courier box late"), ("login", "password account reset code") }
           from first in class_.Item2.Split(' ')
           from second in class_.Item2.Split(' ')
           select new TextRow { Text = $"{first} {second} please", Intent = class_.Item1 },
    ];

    /// <summary>An encoder of width 32, one layer, with random weights.</summary>
    public static EncoderSource TinyEncoder { get; } = EncoderSource.FromScratch(new ScratchEncoderOptions
    {
        LayerCount = 1, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, VocabularySize = 200, MaxLength = 32, Dropout = 0,
    });

    public static IDataView Load(MLContext ml) => ml.Transforms.Conversion.MapValueToKey("Label", nameof(TextRow.Intent)).Fit(ml.Data.LoadFromEnumerable(Rows)).Transform(ml.Data.LoadFromEnumerable(Rows));

    public static MulticlassTextClassificationTransformer SetFit(MLContext ml, bool normalize = false, int? maxSteps = 8) => ml.MulticlassClassification.Trainers.SetFit(new SetFitOptions
    {
        Sentence1ColumnName = nameof(TextRow.Text),
        Encoder = TinyEncoder,
        Precision = Precision.Float32,
        NormalizeEmbeddings = normalize,
        Training = { MaxSteps = maxSteps, BatchSize = 16, LearningRate = 1e-3 },
    }).Fit(Load(ml));

    public static float[][] Vectors(this GeneratedEmbeddings<Embedding<float>> embeddings) => [.. embeddings.Select(embedding => embedding.Vector.ToArray())];

    public static async Task<float[][]> VectorsAsync(this IEmbeddingGenerator<string, Embedding<float>> generator, IEnumerable<string> texts, int? dimensions = null) =>
        (await generator.GenerateAsync(texts, dimensions is null ? null : new EmbeddingGenerationOptions { Dimensions = dimensions })).Vectors();

    public static void AssertClose(float[][] expected, float[][] found, float tolerance = 1e-5f)
    {
        Assert.HasCount(expected.Length, found);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.HasCount(expected[i].Length, found[i]);
            for (int j = 0; j < expected[i].Length; j++)
                Assert.AreEqual(expected[i][j], found[i][j], tolerance, $"text {i}, number {j}");
        }
    }
}

internal sealed class TextRow
{
    public string Text { get; set; } = "";

    public string Intent { get; set; } = "";
}
