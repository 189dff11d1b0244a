using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Tests.Samples;

[TestClass]
public sealed class QuickStartTests
{
    private const string Sample = "QuickStart";
    private const string Header = "text\tlabel\n";

    private static readonly string[] Labels = ["billing", "crash", "greeting"];

    [TestMethod]
    public async Task TrainsTestsSavesLoadsAndPredicts()
    {
        using var folder = new TemporaryFolder();
        WriteData(folder);
        var (exitCode, output, error) = await SampleProcess.RunAsync(
            Sample, folder.Path, "--train", "train.tsv", "--test", "test.tsv", "--epochs", "1", "--batch-size", "8", "--precision", "Float32", "--save", "small.zip");

        Assert.AreEqual(0, exitCode, error);
        Assert.AreEqual("", error);
        Assert.Contains("24 texts to train on, 6 to test on, 3 labels", output);
        Assert.Contains("Encoder: default encoder", output);
        Assert.Contains("epoch  1.0", output);
        Assert.HasCount(3, output.Split('\n').Where(line => line.Contains(", probability ", StringComparison.Ordinal)));
        CollectionAssert.AreEquivalent(new[] { "train.tsv", "test.tsv", "small.zip" }, FilesIn(folder));

        // The zip is the model that the sample tested: here it does as well, on the same data.
        var ml = new MLContext();
        using var model = (TransformerChain<ITransformer>)ml.Model.Load(folder.File("small.zip"), out _);
        IDataView test = ml.Data.LoadFromTextFile<Row>(folder.File("test.tsv"), hasHeader: true);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(test));
        Assert.Contains(FormattableString.Invariant($"micro accuracy {metrics.MicroAccuracy:F3}   macro accuracy {metrics.MacroAccuracy:F3}   log-loss {metrics.LogLoss:F3}"), output);
    }

    [TestMethod]
    [DataRow("--train none.tsv --test test.tsv", "There is no file", "none.tsv")]
    [DataRow("--train train.tsv --test unknown.tsv", "unknown.tsv, line 2: the label 'weather' is not in train.tsv", "billing, crash, greeting")]
    [DataRow("--learning-rate fast", "--learning-rate is 'fast'; expected a number above 0")]
    [DataRow("--encoder untokenised", "No supported tokenizer in", "untokenised")]
    [DataRow("--save none/model.zip", "--save: there is no directory", "none")]
    public async Task WrongInputIsToldWithoutAStackTrace(string arguments, params string[] expected)
    {
        using var folder = new TemporaryFolder();
        WriteData(folder);
        File.WriteAllText(folder.File("unknown.tsv"), Header + "will it rain\tweather\n");
        Directory.CreateDirectory(folder.File("untokenised"));
        File.WriteAllText(Path.Combine(folder.File("untokenised"), "config.json"), """
            {"architectures": ["BertModel"], "model_type": "bert", "vocab_size": 50, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 16, "max_position_embeddings": 16, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}
            """);
        string[] before = FilesIn(folder);

        var (exitCode, output, error) = await SampleProcess.RunAsync(Sample, folder.Path, arguments.Split(' '));
        Assert.AreEqual(1, exitCode, output + error);
        foreach (string text in expected)
            Assert.Contains(text, error);
        Assert.DoesNotContain("   at ", output + error);
        CollectionAssert.AreEquivalent(before, FilesIn(folder));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public async Task EndsInTheMiddleOfATrainingAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        WriteData(folder);
        using SampleProcess process = SampleProcess.Start(Sample, folder.Path, "--train", "train.tsv", "--test", "test.tsv", "--epochs", "100000");
        await process.ReadUntilAsync("epoch");
        process.Terminate();
        var (exitCode, output, error) = await process.EndAsync();
        Assert.AreEqual(130, exitCode, error);
        Assert.AreEqual("Cancelled; nothing was saved.", error.Trim());
        Assert.DoesNotContain("micro accuracy", output);
        CollectionAssert.AreEquivalent(new[] { "train.tsv", "test.tsv" }, FilesIn(folder));
    }

    private static string[] FilesIn(TemporaryFolder folder) => [.. Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)!)];

    /// <summary>Eight rows a label to train on and two to test on.</summary>
    private static void WriteData(TemporaryFolder folder)
    {
        string[] texts = ["my invoice is wrong, number {0}", "the app crashed {0} times today", "hello there, nice to meet you {0}"];
        string Rows(int first, int end) => Header + string.Concat(
            from number in Enumerable.Range(first, end - first)
            from label in Enumerable.Range(0, Labels.Length)
            select $"{texts[label].Replace("{0}", $"{number}", StringComparison.Ordinal)}\t{Labels[label]}\n");
        File.WriteAllText(folder.File("train.tsv"), Rows(0, 8));
        File.WriteAllText(folder.File("test.tsv"), Rows(8, 10));
    }

    private sealed class Row
    {
        [LoadColumn(0)]
        public string Text { get; set; } = "";

        [LoadColumn(1)]
        public string Intent { get; set; } = "";
    }
}
