using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Benchmarks.CommandLine;
using RegressionMetrics = MLNet.FineTune.Training.RegressionMetrics;
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

    private static readonly Option<FileInfo> Train = new Option<FileInfo>("--train")
    {
        Description = "A file of the same kind to fine-tune on first, as regression over both texts",
        HelpName = "FILE.tsv",
    }.AcceptExistingOnly();

    private static readonly Option<int> Epochs = OptionRanges.Create("--epochs", "How often fine-tuning sees each pair", "N", 5).AtLeast(1);
    private static readonly Option<string> Peft = OptionRanges.Create("--peft", "What fine-tuning trains, as PeftMethod.Parse reads it", "METHOD", "full");
    private static readonly Option<int> Seeds = OptionRanges.Create("--seeds", "How many seeds of fine-tuning, from 0", "N", 1).AtLeast(1);

    private static readonly Option<PairEncoding> Pairs = OptionRanges.Create("--pairs", "How fine-tuning lets the encoder read pairs", "HOW", PairEncoding.Auto);
    private static readonly Option<HeadInitialization> Head = OptionRanges.Create("--head", "What the head is before fine-tuning", "HOW", HeadInitialization.Auto);

    private static readonly Option<string> Encoder = EncoderOption.Create();

    public static Command Create()
    {
        var command = new Command("similarity", "How well similarity of texts agrees with people's judgement: Spearman's rank correlation of the cosine of their embeddings, and of what fine-tuning on other pairs predicts.") { Data, Encoder, Train, Epochs, Peft, Seeds, Pairs, Head };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            IReadOnlyList<TextPair> pairs = TextPair.Read(result.GetRequiredValue(Data).FullName);
            string name = Path.GetFileName(result.GetRequiredValue(Data).DirectoryName) ?? "pairs";
            EncoderSource encoder = EncoderOption.Parse(result.GetRequiredValue(Encoder));
            var report = new Report("similarity");
            AddCosine(report, name, pairs, encoder);
            if (result.GetValue(Train) is { } train)
                AddRegression(report, name, TextPair.Read(train.FullName), pairs, () => new TextRegressionOptions
                {
                    Encoder = encoder, Peft = PeftMethod.Parse(result.GetRequiredValue(Peft)), Training = { Epochs = result.GetValue(Epochs) }, PairEncoding = result.GetValue(Pairs), HeadInitialization = result.GetValue(Head),
                }, result.GetValue(Seeds));
            report.PrintTable();
        });
        return command;
    }

    private static void AddCosine(Report report, string name, IReadOnlyList<TextPair> pairs, EncoderSource encoder)
    {
        var ml = new MLContext(0);
        IDataView view = ml.Data.LoadFromEnumerable(pairs);
        var watch = Stopwatch.StartNew();
        using var model = ml.Transforms.Text.EmbedText("First", nameof(TextPair.Text1), encoder).Append(ml.Transforms.Text.EmbedText("Second", nameof(TextPair.Text2), encoder)).Fit(view);
        IDataView embedded = model.Transform(view);
        double[] similarities = [.. embedded.GetColumn<float[]>("First").Zip(embedded.GetColumn<float[]>("Second"), (a, b) => (double)System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(a, b))];
        report.Add(name, RegressionMetrics.Spearman(similarities, [.. pairs.Select(pair => pair.Score)]), "Spearman", ("pairs", pairs.Count), ("seconds", watch.Elapsed.TotalSeconds));
    }

    private static void AddRegression(Report report, string name, IReadOnlyList<TextPair> train, IReadOnlyList<TextPair> pairs, Func<TextRegressionOptions> create, int seeds)
    {
        var found = new List<double>();
        var watch = Stopwatch.StartNew();
        for (int seed = 0; seed < seeds; seed++)
        {
            var ml = new MLContext(seed);
            TextRegressionOptions options = create();
            (options.LabelColumnName, options.Sentence1ColumnName, options.Sentence2ColumnName, options.ScoreColumnName) = (nameof(TextPair.Score), nameof(TextPair.Text1), nameof(TextPair.Text2), "Predicted");
            using TextRegressionTransformer model = ml.Regression.Trainers.FineTune(options).Fit(ml.Data.LoadFromEnumerable(train));
            double[] predicted = [.. model.Transform(ml.Data.LoadFromEnumerable(pairs)).GetColumn<float>("Predicted").Select(score => (double)score)];
            found.Add(RegressionMetrics.Spearman(predicted, [.. pairs.Select(pair => pair.Score)]));
        }
        report.Add($"{name}/{create().Peft.MethodName}", found.Average(), "Spearman", ("pairs", train.Count), ("seconds", watch.Elapsed.TotalSeconds / seeds), ("seeds", seeds));
    }
}
