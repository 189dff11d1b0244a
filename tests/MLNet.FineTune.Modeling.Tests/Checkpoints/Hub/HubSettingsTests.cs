using MLNet.FineTune.Checkpoints.Hub;

namespace MLNet.FineTune.Tests.Checkpoints.Hub;

[TestClass]
public class HubSettingsTests
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [TestMethod]
    public void Defaults_are_those_of_the_hubs_own_tools()
    {
        HubSettings settings = From();
        Assert.AreEqual("https://huggingface.co", settings.Endpoint);
        Assert.AreEqual(Path.Combine(Home, ".cache", "huggingface", "hub"), settings.CacheDirectory);
        Assert.IsFalse(settings.Offline);
    }

    [TestMethod]
    public void Variables_are_honoured()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("token"), " from-file\n");
        HubSettings settings = From(("HF_HOME", folder.Path), ("HF_ENDPOINT", "https://mirror.example/hf/"), ("HF_HUB_OFFLINE", "yes"));
        Assert.AreEqual(Path.Combine(folder.Path, "hub"), settings.CacheDirectory);
        Assert.AreEqual("https://mirror.example/hf", settings.Endpoint);
        Assert.AreEqual("from-file", settings.Token);
        Assert.IsTrue(settings.Offline);
        Assert.AreEqual("direct", From(("HF_HOME", folder.Path), ("HF_TOKEN", "direct")).Token);
        Assert.AreEqual(Path.Combine(Home, "x"), From(("HF_HUB_CACHE", "~/x"), ("HF_HOME", folder.Path)).CacheDirectory);
        Assert.AreEqual(Path.Combine(folder.Path, "huggingface", "hub"), From(("XDG_CACHE_HOME", folder.Path)).CacheDirectory);
        Assert.IsFalse(From(("HF_TOKEN", "secret")).ToString().Contains("secret", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("http://huggingface.co")]
    [DataRow("ftp://127.0.0.1")]
    [DataRow("huggingface.co")]
    public void An_endpoint_without_HTTPS_is_refused(string endpoint) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => From(("HF_ENDPOINT", endpoint))).Message, endpoint);

    [TestMethod]
    [DataRow("")]
    [DataRow("a/b/c")]
    [DataRow("../etc")]
    [DataRow("a/..")]
    [DataRow("a//b")]
    [DataRow("/a")]
    [DataRow("a--b/c")]
    [DataRow("owner/na me")]
    [DataRow("owner/name\n")]
    [DataRow("https://huggingface.co/owner/name")]
    [DataRow("C:\\models")]
    public void An_id_that_is_none_is_refused(string id) => Assert.Throws<ArgumentException>(() => EncoderSource.FromHub(id));

    [TestMethod]
    [DataRow("")]
    [DataRow("../main")]
    [DataRow("a//b")]
    [DataRow("main ")]
    public void A_revision_that_is_none_is_refused(string revision) => Assert.Throws<ArgumentException>(() => EncoderSource.FromHub("owner/name", revision));

    [TestMethod]
    [DataRow("bert-base-uncased", "main")]
    [DataRow("sentence-transformers/all-MiniLM-L6-v2", "refs/pr/12")]
    [DataRow("a/b", "v1.0+x")]
    public void Usual_names_are_accepted(string id, string revision) => Assert.AreEqual(id, EncoderSource.FromHub(id, revision).Id);

    private static HubSettings From(params (string Name, string Value)[] variables) =>
        HubSettings.FromEnvironment(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
