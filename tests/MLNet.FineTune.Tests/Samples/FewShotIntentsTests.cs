namespace MLNet.FineTune.Tests.Samples;

[TestClass]
public sealed class FewShotIntentsTests
{
    [TestMethod]
    public async Task Learns_saves_and_plots()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = await SampleProcess.RunAsync("FewShotIntents", folder.Path, "--shots", "4", "--peft", "head");
        Assert.AreEqual(0, exitCode, error);
        Assert.Contains("48 examples of 12 intents", output);
        CollectionAssert.AreEqual((byte[])[0x89, .. "PNG"u8], File.ReadAllBytes(folder.File("intents.png"))[..4]);
        Assert.IsTrue(File.Exists(folder.File("intents.zip")));
        Assert.HasCount(2, Directory.GetFiles(folder.Path), "no temporary file is left");
    }
}
