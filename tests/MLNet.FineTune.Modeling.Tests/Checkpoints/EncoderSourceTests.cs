using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Tests.Checkpoints;

[TestClass]
public class EncoderSourceTests
{
    [TestMethod]
    public void A_directory_is_itself()
    {
        using var folder = new TemporaryFolder();
        EncoderSource source = EncoderSource.FromDirectory(folder.Path);
        Assert.AreEqual(folder.Path, source.GetDirectory());
        StringAssert.Contains(source.Description, folder.Path);
        EncoderSource absent = EncoderSource.FromDirectory(folder.File("absent"));
        StringAssert.Contains(Assert.ThrowsExactly<DirectoryNotFoundException>(absent.GetDirectory).Message, folder.File("absent"));
    }

    [TestMethod]
    public void A_reference_leads_back_to_the_source()
    {
        using var folder = new TemporaryFolder();
        var directory = EncoderSource.FromJson(Again(EncoderSource.FromDirectory(folder.Path).ToJson()));
        Assert.AreEqual(folder.Path, directory.GetDirectory());
        var hub = (HubEncoderSource)EncoderSource.FromJson(Again(EncoderSource.FromHub("owner/name", "v2").ToJson()));
        Assert.AreEqual(("owner/name", "v2", false), (hub.Id, hub.Revision, hub.DownloadWhenMissing));

        static JsonObject Again(JsonObject json) => JsonNode.Parse(json.ToJsonString())!.AsObject();
    }

    [TestMethod]
    [DataRow("""{"kind":"cloud"}""", "kind 'cloud'; this version knows default, directory, hub")]
    [DataRow("""{}""", "no 'kind'")]
    [DataRow("""{"kind":"hub","id":"owner/name"}""", "no 'revision'")]
    [DataRow("""{"kind":"hub","id":"../x","revision":"main"}""", "not a model id")]
    [DataRow("""{"kind":"directory","path":3}""", "expected a text")]
    public void A_malformed_reference_is_refused(string json, string expected) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => EncoderSource.FromJson(JsonNode.Parse(json)!.AsObject())).Message, expected);

    [TestMethod]
    public void A_kind_is_registered_once() =>
        Assert.ThrowsExactly<InvalidOperationException>(() => EncoderSourceKinds.Register("hub", _ => EncoderSource.FromDirectory(".")));
}
