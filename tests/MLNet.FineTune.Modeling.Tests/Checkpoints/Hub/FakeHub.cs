using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MLNet.FineTune.Checkpoints.Hub;

namespace MLNet.FineTune.Tests.Checkpoints.Hub;

/// <summary>A hub with one model, whose large files lie on a second server, as the real one's do.</summary>
internal sealed class FakeHub : IDisposable
{
    public const string Id = "owner/tiny";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly LocalServer _hub;
    private readonly LocalServer _storage;

    public FakeHub()
    {
        Files["config.json"] = Encoding.UTF8.GetBytes("{\"model_type\":\"bert\"}");
        Files["vocab.txt"] = Encoding.UTF8.GetBytes("[PAD]\n[UNK]\n");
        byte[] random = new byte[300_000];
        new Random(1).NextBytes(random);
        Files["model.safetensors"] = SafetensorsBytes.Create("{\"w\":{\"dtype\":\"U8\",\"shape\":[300000],\"data_offsets\":[0,300000]}}  ", random);
        _storage = new LocalServer(request => (OnStorage ?? Content).Invoke(request));
        _hub = new LocalServer(request => OnHub?.Invoke(request) ?? Answer(request));
    }

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Replaces the hub's answer where it gives one.</summary>
    public Func<Request, Reply?>? OnHub { get; set; }

    /// <summary>Replaces the answers of the server that holds the large files.</summary>
    public Func<Request, Reply>? OnStorage { get; set; }

    public byte[] Weights => Files["model.safetensors"];

    public Request[] HubRequests => [.. _hub.Requests];

    public Request[] StorageRequests => [.. _storage.Requests];

    public HubSettings Settings(TemporaryFolder cache) => new()
    {
        Endpoint = _hub.Address,
        CacheDirectory = cache.Path,
        Token = "secret",
        MaxAttempts = 4,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        StallTimeout = TimeSpan.FromSeconds(20),
    };

    public HubEncoderSource Source(TemporaryFolder cache, Func<HubSettings, HubSettings>? change = null) =>
        new(Id, "main", () => change is null ? Settings(cache) : change(Settings(cache)));

    /// <summary>The honest answer of the storage: the file, or from a byte on.</summary>
    public Reply Content(Request request)
    {
        byte[] file = Files[Path.GetFileName(request.Path)];
        return request.RangeStart == 0 ? new Reply(200, file)
            : new Reply(206, file[(int)request.RangeStart..], ("Content-Range", $"bytes {request.RangeStart}-{file.Length - 1}/{file.Length}"));
    }

    public void Dispose()
    {
        _hub.Dispose();
        _storage.Dispose();
    }

    private Reply Answer(Request request)
    {
        if (request.Path == $"/api/models/{Id}/revision/main")
            return new Reply(200, JsonSerializer.SerializeToUtf8Bytes(new { sha = Commit, siblings = Files.Keys.Select(name => new { rfilename = name }) }));
        string prefix = $"/{Id}/resolve/{Commit}/";
        if (!request.Path.StartsWith(prefix, StringComparison.Ordinal) || !Files.TryGetValue(request.Path[prefix.Length..], out byte[]? file))
            return new Reply(404, []);
        return file.Length > 10_000
            ? new Reply(302, [], ("Location", $"{_storage.Address}/blobs/{Path.GetFileName(request.Path)}"), ("X-Linked-Etag", $"\"{Sha256(file)}\""), ("X-Linked-Size", $"{file.Length}"))
            : new Reply(200, file, ("ETag", $"W/\"{GitHash(file)}\""));
    }

    public static string Sha256(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));

    [SuppressMessage("Security", "CA5350", Justification = "git names its blobs by SHA-1.")]
    public static string GitHash(byte[] file) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {file.Length}\0"), .. file]));
}
