using System.Net;
using System.Net.Sockets;
using MLNet.FineTune.Checkpoints.Hub;
using MLNet.FineTune.Tests.Checkpoints.Hub;

namespace MLNet.FineTune.Tests.BadInput;

/// <summary>Hub models: not downloaded, and servers that cannot be reached or refuse.</summary>
internal static class HubCases
{
    private const string Id = "owner/tiny-encoder";

    public static BadInputCase[] All { get; } =
    [
        new("hub model is not in the cache", typeof(InvalidOperationException), w => Fit(w, "https://huggingface.co", download: false), Id, "hub", "Download()", "DownloadWhenMissing"),
        new("hub is forbidden", typeof(InvalidOperationException), w => Fit(w, "https://huggingface.co", settings => settings with { Offline = true }), Id, "HF_HUB_OFFLINE"),
        new("hub cannot be reached", typeof(HttpRequestException), w => Fit(w, ClosedPort()), Id, "failed", "HF_ENDPOINT"),
        new("hub does not know the model", typeof(HttpRequestException), w => Served(w, 404), Id, "404", "check the spelling"),
        new("hub asks for a token", typeof(HttpRequestException), w => Served(w, 401), Id, "401", "HF_TOKEN"),
        new("hub refuses the token", typeof(HttpRequestException), w => Served(w, 403), Id, "403", "accept the model's terms"),
        new("hub has a problem", typeof(HttpRequestException), w => Served(w, 503), Id, "503", "try again later"),
        new("hub answers with something else", typeof(InvalidDataException), w => Served(w, 200), Id, "HF_ENDPOINT"),
        new("hub endpoint is not secure", typeof(InvalidOperationException), w => Workplace.Throwing(() => HubSettings.FromEnvironment(name => name == "HF_ENDPOINT" ? "http://example.org" : null)), "HF_ENDPOINT", "http://example.org", "https://"),
    ];

    private static void Fit(Workplace w, string endpoint, Func<HubSettings, HubSettings>? change = null, bool download = true)
    {
        var settings = new HubSettings { Endpoint = endpoint, CacheDirectory = w.Written("hub"), MaxAttempts = 2, RetryDelay = TimeSpan.FromMilliseconds(1) };
        w.Fit(o => o.Encoder = new HubEncoderSource(Id, "main", () => change is null ? settings : change(settings)) { DownloadWhenMissing = download });
    }

    private static void Served(Workplace w, int status)
    {
        using var server = new LocalServer(_ => new Reply(status, "[]"u8.ToArray()));
        Fit(w, server.Address);
    }

    /// <summary>A port of this machine at which nobody listens.</summary>
    private static string ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
