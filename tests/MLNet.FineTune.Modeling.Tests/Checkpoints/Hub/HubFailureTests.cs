using MLNet.FineTune.Checkpoints.Hub;

namespace MLNet.FineTune.Tests.Checkpoints.Hub;

/// <summary>Networks and servers as they are at their worst: a download ends correct, or in a clear error with nothing in the snapshots.</summary>
[TestClass]
public class HubFailureTests
{
    [TestMethod]
    public void A_dropped_connection_is_resumed_where_it_broke()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        int drops = 0;
        hub.OnStorage = request => hub.Content(request) with { CutAfter = drops++ < 2 ? 100_000 : null };
        AssertDownloads(hub, cache);
        CollectionAssert.AreEqual(new[] { 0L, 100_000, 200_000 }, hub.StorageRequests.Select(request => request.RangeStart).ToArray());
    }

    [TestMethod]
    public void A_connection_that_always_drops_is_given_up_and_continued_later()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnStorage = request => hub.Content(request) with { CutAfter = 1000 };
        var error = AssertFails<HttpRequestException>(hub, cache);
        StringAssert.Contains(error.Message, "try again");
        Assert.HasCount(4, hub.StorageRequests);
        hub.OnStorage = null;
        AssertDownloads(hub, cache);
        Assert.AreEqual(4000, hub.StorageRequests[^1].RangeStart);
    }

    [TestMethod]
    public void A_silent_server_counts_as_a_dropped_connection()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        int calls = 0;
        hub.OnStorage = request => calls++ == 0 ? hub.Content(request) with { CutAfter = 5000, Hang = true } : hub.Content(request);
        AssertDownloads(hub, cache, settings => settings with { StallTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.AreEqual(5000, hub.StorageRequests[^1].RangeStart);
    }

    [TestMethod]
    [DataRow(+1000, typeof(InvalidDataException), "announces")]
    [DataRow(-1000, typeof(InvalidDataException), "announces")]
    public void A_length_other_than_the_hubs_is_refused(int lie, Type exception, string expected)
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnStorage = request => hub.Content(request) with { ClaimedLength = hub.Weights.Length + lie };
        Exception error = AssertFails<Exception>(hub, cache);
        Assert.AreEqual(exception, error.GetType());
        StringAssert.Contains(error.Message, expected);
    }

    [TestMethod]
    public void A_hub_that_lies_about_length_is_refused()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnHub = request => request.Path.EndsWith("vocab.txt", StringComparison.Ordinal) ? new Reply(200, hub.Files["vocab.txt"], ("ETag", FakeHub.GitHash(hub.Files["vocab.txt"]))) { ClaimedLength = request.Method == "HEAD" ? 5 : 12 } : null;
        StringAssert.Contains(AssertFails<InvalidDataException>(hub, cache).Message, "vocab.txt");
    }

    [TestMethod]
    public void Wrong_bytes_are_refused()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnStorage = request => new Reply(200, [.. hub.Weights[..^1], (byte)(hub.Weights[^1] ^ 1)]);
        var error = AssertFails<InvalidDataException>(hub, cache);
        StringAssert.Contains(error.Message, "model.safetensors");
        StringAssert.Contains(error.Message, "hash");
    }

    [TestMethod]
    public void Wrong_bytes_of_a_small_file_are_refused()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnHub = request => request.Path.EndsWith("vocab.txt", StringComparison.Ordinal) ? new Reply(200, "[PAD]\n[UNK]!"u8.ToArray(), ("ETag", $"\"{FakeHub.GitHash(hub.Files["vocab.txt"])}\"")) : null;
        StringAssert.Contains(AssertFails<InvalidDataException>(hub, cache).Message, "vocab.txt");
    }

    [TestMethod]
    public void Wrong_bytes_with_dropped_connections_end_too()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        int calls = 0;
        hub.OnStorage = request => hub.Content(request) is var reply && calls++ % 2 == 0 ? reply with { CutAfter = 100_000 } : reply with { Body = new byte[reply.Body.Length] };
        StringAssert.Contains(AssertFails<InvalidDataException>(hub, cache).Message, "hash");
    }

    [TestMethod]
    public void A_server_that_ignores_Range_is_read_from_the_start()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        int calls = 0;
        hub.OnStorage = _ => new Reply(200, hub.Weights) { CutAfter = calls++ == 0 ? 100_000 : null };
        AssertDownloads(hub, cache);
    }

    [TestMethod]
    public void A_wrong_Content_Range_is_not_believed()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        int calls = 0;
        hub.OnStorage = request => calls++ switch
        {
            0 => hub.Content(request) with { CutAfter = 100_000 },
            1 => new Reply(206, hub.Weights[50_000..], ("Content-Range", $"bytes 50000-{hub.Weights.Length - 1}/{hub.Weights.Length}")),
            _ => hub.Content(request),
        };
        AssertDownloads(hub, cache);
        Assert.AreEqual(0, hub.StorageRequests[^1].RangeStart);
    }

    [TestMethod]
    [DataRow(1000)]
    [DataRow(1_000_000)]
    public void A_damaged_rest_of_an_earlier_download_is_replaced(int length)
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        string blobs = Path.Combine(cache.Path, "models--owner--tiny", "blobs");
        Directory.CreateDirectory(blobs);
        File.WriteAllBytes(Path.Combine(blobs, FakeHub.Sha256(hub.Weights) + ".incomplete"), new byte[length]);
        AssertDownloads(hub, cache);
    }

    [TestMethod]
    [DataRow(401, "HF_TOKEN")]
    [DataRow(403, "accept the model's terms")]
    [DataRow(404, "spelling")]
    [DataRow(429, "wait")]
    [DataRow(503, "try again later")]
    [DataRow(418, "HF_ENDPOINT")]
    public void A_refusal_says_what_to_do(int status, string expected)
    {
        foreach (string part in (string[])["/api/", "/resolve/"])
        {
            using var hub = new FakeHub();
            using var cache = new TemporaryFolder();
            hub.OnHub = request => request.Path.Contains(part) ? new Reply(status, []) : null;
            var error = AssertFails<HttpRequestException>(hub, cache);
            Assert.AreEqual(status, (int?)error.StatusCode);
            StringAssert.Contains(error.Message, FakeHub.Id);
            StringAssert.Contains(error.Message, expected);
            Assert.IsFalse(error.Message.Contains("secret", StringComparison.Ordinal));
        }
    }

    [TestMethod]
    public void A_passing_trouble_is_waited_for()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        int calls = 0;
        hub.OnHub = _ => calls++ % 2 == 0 ? new Reply(503, []) : null;
        AssertDownloads(hub, cache);
    }

    [TestMethod]
    public void A_server_without_HEAD_is_asked_by_GET()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnHub = request => request.Method == "HEAD" ? new Reply(405, []) : null;
        AssertDownloads(hub, cache);
    }

    [TestMethod]
    public void A_mirror_without_hashes_is_accepted_by_length()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnHub = request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal) ? new Reply(200, hub.Weights, ("ETag", "\"5-abc\"")) : null;
        AssertDownloads(hub, cache);
    }

    [TestMethod]
    [DataRow("http://example.invalid/x", "not HTTPS")]
    [DataRow("ftp://example.invalid/x", "not HTTPS")]
    [DataRow("/api/models/owner/tiny/revision/main", "more than 10 times")]
    public void Redirects_that_lead_astray_are_refused(string location, string expected)
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnHub = _ => new Reply(307, [], ("Location", location));
        StringAssert.Contains(AssertFails<HttpRequestException>(hub, cache).Message, expected);
    }

    [TestMethod]
    [DataRow("<html>")]
    [DataRow("{}")]
    [DataRow("""{"sha":"../../x","siblings":[]}""")]
    [DataRow("""{"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[{}]}""")]
    [DataRow("""{"sha":7,"siblings":[]}""")]
    public void An_answer_that_is_no_list_of_files_is_refused(string answer)
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        hub.OnHub = _ => new Reply(200, System.Text.Encoding.UTF8.GetBytes(answer));
        StringAssert.Contains(AssertFails<InvalidDataException>(hub, cache).Message, "HF_ENDPOINT");
    }

    [TestMethod]
    public void An_unreachable_server_is_named()
    {
        using var cache = new TemporaryFolder();
        var hub = new FakeHub();
        HubSettings settings = hub.Settings(cache);
        hub.Dispose();
        var error = Assert.ThrowsExactly<HttpRequestException>(() => new HubEncoderSource(FakeHub.Id, "main", () => settings).Download());
        StringAssert.Contains(error.Message, settings.Endpoint);
        StringAssert.Contains(error.Message, "network");
    }

    [TestMethod]
    public void Cancelling_keeps_what_has_arrived()
    {
        using var hub = new FakeHub();
        using var cache = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        hub.OnStorage = request => hub.Content(request) with { CutAfter = 150_000, Hang = true };
        var stop = new Stop(cancel);
        Assert.Throws<OperationCanceledException>(() => hub.Source(cache).Download(stop, cancel.Token));
        AssertNoSnapshot(cache);
        hub.OnStorage = null;
        AssertDownloads(hub, cache);
        Assert.IsGreaterThan(0, hub.StorageRequests[^1].RangeStart);
    }

    internal static void AssertNoSnapshot(TemporaryFolder cache)
    {
        string model = Path.Combine(cache.Path, "models--owner--tiny");
        Assert.IsFalse(Directory.Exists(Path.Combine(model, "snapshots")));
        Assert.IsFalse(Directory.Exists(Path.Combine(model, "refs")));
    }

    private static T AssertFails<T>(FakeHub hub, TemporaryFolder cache)
        where T : Exception
    {
        var error = Assert.Throws<T>(() => hub.Source(cache).Download());
        AssertNoSnapshot(cache);
        return error;
    }

    private static void AssertDownloads(FakeHub hub, TemporaryFolder cache, Func<HubSettings, HubSettings>? change = null)
    {
        string directory = hub.Source(cache, change).Download();
        foreach (string file in (string[])["config.json", "vocab.txt", "model.safetensors"])
            CollectionAssert.AreEqual(hub.Files[file], File.ReadAllBytes(Path.Combine(directory, file)), file);
        Assert.IsEmpty(Directory.GetFiles(cache.Path, "*.incomplete", SearchOption.AllDirectories));
    }

    private sealed class Stop(CancellationTokenSource cancel) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            if (value.File == "model.safetensors")
                cancel.Cancel();
        }
    }
}
