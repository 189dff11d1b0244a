namespace MLNet.FineTune.Tests.Samples;

[TestClass]
public sealed class PeftTourTests
{
    [TestMethod]
    public async Task Compares_methods_in_a_table_and_a_plot()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = await SampleProcess.RunAsync("PeftTour", folder.Path, "--methods", "head", "lora(rank=2)", "--epochs", "1", "--plot", "tour.png");
        Assert.AreEqual(0, exitCode, error);
        Assert.Contains("lora(rank=2)", output);
        Assert.Contains("6,156", output, "parameters of the head: 12 classes of 512 and a bias");
        CollectionAssert.AreEqual((byte[])[0x89, .. "PNG"u8], File.ReadAllBytes(folder.File("tour.png"))[..4]);
        Assert.HasCount(1, Directory.GetFiles(folder.Path), "no temporary file is left");
    }

    [TestMethod]
    [DataRow("--methods lorra", "found the method 'lorra'")]
    [DataRow("--methods lora(rnk=2)", "rnk")]
    [DataRow("--plot none/tour.png", "in a folder that exists")]
    public async Task Wrong_input_is_told_without_a_stack_trace(string arguments, string expected)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = await SampleProcess.RunAsync("PeftTour", folder.Path, arguments.Split(' '));
        Assert.AreEqual(1, exitCode, output + error);
        Assert.Contains(expected, error);
        Assert.DoesNotContain("   at ", output + error);
    }
}
