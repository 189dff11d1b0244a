using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Benchmarks.CommandLine;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.Similarity;

/// <summary>The verb <c>similarity</c>.</summary>
internal static class SimilarityCommand
{
    private static readonly Option<FileInfo> Data = new Option<FileInfo>("--data")
    {
        Description = "Tab-separated file with the header 'text1', 'text2', 'score', such as the test set of the STS benchmark",
        HelpName = "FILE.tsv",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Option<string> Encoder = EncoderOption.Create();

    public static Command Create()
    {
        var command = new Command("similarity", "How well the cosine similarity of text embeddings agrees with people's judgement: Spearman's rank correlation.") { Data, Encoder };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            Run(result.GetRequiredValue(Data).FullName, EncoderOption.Parse(result.GetRequiredValue(Encoder)));
        });
        return command;
    }

    private static void Run(string path, EncoderSource encoder)
    {
        IReadOnlyList<TextPair> pairs = TextPair.Read(path);
        var ml = new MLContext(0);
        IDataView view = ml.Data.LoadFromEnumerable(pairs);
        var watch = Stopwatch.StartNew();
        using var model = ml.Transforms.Text.EmbedText("First", nameof(TextPair.Text1), encoder).Append(ml.Transforms.Text.EmbedText("Second", nameof(TextPair.Text2), encoder)).Fit(view);
        IDataView embedded = model.Transform(view);
        double[] similarities = [.. embedded.GetColumn<float[]>("First").Zip(embedded.GetColumn<float[]>("Second"), (a, b) => (double)System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(a, b))];
        var report = new Report("similarity");
        report.Add(Path.GetFileName(Path.GetDirectoryName(path)) ?? path, RankCorrelation.Spearman(similarities, [.. pairs.Select(pair => pair.Score)]), "Spearman",
            ("pairs", pairs.Count), ("seconds", watch.Elapsed.TotalSeconds));
        report.PrintTable();
    }
}
