using System.Globalization;

namespace MLNet.FineTune.Tests.Samples;

[TestClass]
public sealed class WeakSupervisionTests
{
    [TestMethod]
    public async Task Makes_a_classifier_of_rules()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = await SampleProcess.RunAsync("WeakSupervision", folder.Path, "--epochs", "1", "--steps", "3", "--label-model", "majority");
        Assert.AreEqual(0, exitCode, error);
        Assert.Contains("crash words", output);
        Assert.Contains("528 rows: 72.7 % have a vote", output);
        Assert.Contains("data-programming", output);
        // A classifier knows what no rule speaks of.
        Assert.IsGreaterThan(Accuracy("rules (majority)"), Accuracy("fine-tuned on the labels"));
        Assert.IsGreaterThan(Accuracy("rules (majority)"), Accuracy("COSINE, also on texts without one"));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));

        double Accuracy(string classifier) =>
            double.Parse(output.Split('\n').Last(line => line.Contains($"│ {classifier} ", StringComparison.Ordinal)).Split('│')[2], CultureInfo.InvariantCulture);
    }

    [TestMethod]
    [DataRow("--label-model oracle", "--label-model is 'oracle'; expected one of majority, weighted, dawid-skene, data-programming")]
    [DataRow("--steps none", "--steps is 'none'; expected a whole number of at least 1")]
    public async Task Wrong_input_is_told_without_a_stack_trace(string arguments, string expected)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = await SampleProcess.RunAsync("WeakSupervision", folder.Path, arguments.Split(' '));
        Assert.AreEqual(1, exitCode, output + error);
        Assert.Contains(expected, error);
        Assert.DoesNotContain("   at ", output + error);
    }
}
