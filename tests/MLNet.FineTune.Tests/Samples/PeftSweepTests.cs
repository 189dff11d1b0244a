using Microsoft.ML;

namespace MLNet.FineTune.Tests.Samples;

[TestClass]
public sealed class PeftSweepTests
{
    [TestMethod]
    public async Task Searches_shows_the_front_and_uses_its_knee()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = await SampleProcess.RunAsync("PeftSweep", folder.Path, "--trials", "2", "--plot", "front.png", "--report", "all.html", "--save", "knee.zip");
        Assert.AreEqual(0, exitCode, error);
        Assert.Contains("2 of 2 trials: 2 done", output);
        Assert.Contains("Knee of the front: trial", output);
        Assert.Contains("→", output);
        CollectionAssert.AreEqual((byte[])[0x89, .. "PNG"u8], File.ReadAllBytes(folder.File("front.png"))[..4]);
        Assert.Contains("trainable parameters", File.ReadAllText(folder.File("all.html")));
        ITransformer model = new MLContext().Model.Load(folder.File("knee.zip"), out DataViewSchema schema);
        (model as IDisposable)?.Dispose();
        CollectionAssert.IsSubsetOf((string[])["Text", "Intent"], schema.Select(column => column.Name).ToArray());
        Assert.HasCount(3, Directory.GetFiles(folder.Path), "no temporary file is left");
    }

    [TestMethod]
    [DataRow("--trials 0", "--trials is '0'; expected a whole number of at least 1")]
    [DataRow("--report none/all.html", "in a folder that exists")]
    public async Task Wrong_input_is_told_without_a_stack_trace(string arguments, string expected)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = await SampleProcess.RunAsync("PeftSweep", folder.Path, arguments.Split(' '));
        Assert.AreEqual(1, exitCode, output + error);
        Assert.Contains(expected, error);
        Assert.DoesNotContain("   at ", output + error);
    }
}
