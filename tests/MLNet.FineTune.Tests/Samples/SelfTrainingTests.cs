namespace MLNet.FineTune.Tests.Samples;

[TestClass]
public sealed class SelfTrainingTests
{
    private const string Sample = "SelfTraining";

    [TestMethod]
    public async Task Learns_round_by_round_with_data_of_ones_own()
    {
        using var folder = new TemporaryFolder();
        WriteData(folder, 12);
        string[] arguments = ["--data", "data.tsv", "--shots", "3", "--rounds", "2", "--epochs", "1", "--peft", "head", "--plot", "rounds.png", "--checkpoints", "work"];
        var (exitCode, output, error) = await SampleProcess.RunAsync(Sample, folder.Path, arguments);
        Assert.AreEqual(0, exitCode, error);
        Assert.Contains("9 labelled texts of 3 classes, 15 without labels, 6 to watch the rounds by, 6 to test on", output);
        Assert.Contains("round 1: ", output);
        Assert.Contains("labels alone", output);
        Assert.Contains("Test: labels alone ", output);
        CollectionAssert.AreEqual((byte[])[0x89, .. "PNG"u8], File.ReadAllBytes(folder.File("rounds.png"))[..4]);
        Assert.HasCount(2, Directory.GetFiles(folder.Path), "no temporary file is left");

        // Started again, it has the same result from the folder.
        var (_, again, _) = await SampleProcess.RunAsync(Sample, folder.Path, arguments);
        Assert.AreEqual(Last(output), Last(again));
        static string Last(string text) => text.Split('\n').Single(line => line.StartsWith("Test: ", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("--method magic", "--method is 'magic'; expected one of pseudo, em, semievol, cosine, list, distill")]
    [DataRow("--data none.tsv", "There is no file")]
    [DataRow("--data data.tsv --shots 9", "the label 'billing' has 12 rows; expected at least 18")]
    [DataRow("--plot none/rounds.png", "in a folder that exists")]
    public async Task Wrong_input_is_told_without_a_stack_trace(string arguments, string expected)
    {
        using var folder = new TemporaryFolder();
        WriteData(folder, 12);
        var (exitCode, output, error) = await SampleProcess.RunAsync(Sample, folder.Path, arguments.Split(' '));
        Assert.AreEqual(1, exitCode, output + error);
        Assert.Contains(expected, error);
        Assert.DoesNotContain("   at ", output + error);
    }

    private static void WriteData(TemporaryFolder folder, int rows)
    {
        (string Label, string Text)[] classes = [("billing", "my invoice is wrong, number {0}"), ("crash", "the app crashed {0} times today"), ("greeting", "hello there, nice to meet you {0}")];
        File.WriteAllText(folder.File("data.tsv"), "text\tlabel\n" + string.Concat(
            from number in Enumerable.Range(0, rows)
            from one in classes
            select $"{one.Text.Replace("{0}", $"{number}", StringComparison.Ordinal)}\t{one.Label}\n"));
    }
}
