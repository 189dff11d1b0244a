using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>The three requests that a download needs: the list of files, what one file is, and its bytes.</summary>
/// <remarks>Redirects are followed here rather than by the handler, because the token may go to the hub alone.</remarks>
internal sealed class HubClient : IDisposable
{
    private const int MaxRedirects = 10;
    private const int MaxListLength = 32 << 20;

    private readonly HubSettings _settings;
    private readonly Uri _endpoint;
    private readonly string _id;
    private readonly string _revision;
    private readonly HttpClient _http;

    public HubClient(HubSettings settings, string id, string revision)
    {
        (_settings, _id, _revision) = (settings, id, revision);
        _endpoint = new Uri(settings.Endpoint);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(15), AutomaticDecompression = DecompressionMethods.None })
        {
            Timeout = Timeout.InfiniteTimeSpan, // each step has its own limit
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("MLNet.FineTune", typeof(HubClient).Assembly.GetName().Version?.ToString(3)));
        _http.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>The commit that the revision is at, and its files.</summary>
    public async Task<HubModel> GetModelAsync(CancellationToken ct)
    {
        var address = new Uri($"{_settings.Endpoint}/api/models/{_id}/revision/{Uri.EscapeDataString(_revision)}");
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, address, from: 0, leaveHub: true, ct).ConfigureAwait(false);
        Check(response, address);
        byte[] bytes = await ReadAsync(response, address, ct).ConfigureAwait(false);
        try
        {
            if (JsonNode.Parse(bytes) is JsonObject json && json["sha"]?.GetValue<string>() is { } sha && HubNames.IsCommit(sha) && json["siblings"] is JsonArray siblings)
                return new HubModel(sha, siblings.Select(file => file!["rfilename"]!.GetValue<string>()).ToHashSet());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw Malformed(e);
        }
        throw Malformed(null);

        InvalidDataException Malformed(Exception? e) => new($"Hub model {_id}: {address} did not answer with a list of files as a hub does (an object with 'sha' and 'siblings'); check HF_ENDPOINT.", e);
    }

    /// <summary>Size and hash of a file, as the hub itself says, not the storage it redirects to.</summary>
    public async Task<HubRemoteFile> GetFileAsync(string commit, string file, CancellationToken ct)
    {
        Uri address = Resolve(commit, file);
        HttpResponseMessage response = await SendAsync(HttpMethod.Head, address, from: 0, leaveHub: false, ct).ConfigureAwait(false);
        try
        {
            if (response.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
            {
                response.Dispose();
                response = await SendAsync(HttpMethod.Get, address, from: 0, leaveHub: false, ct).ConfigureAwait(false);
            }
            if (!IsRedirect(response))
                Check(response, address);
            string? linkedSize = Header(response, "X-Linked-Size");
            long? size = long.TryParse(linkedSize, NumberStyles.None, CultureInfo.InvariantCulture, out long linked) ? linked
                : response.IsSuccessStatusCode ? response.Content.Headers.ContentLength : null;
            return new HubRemoteFile(file, size, HubRemoteFile.HashFromTag(Header(response, "X-Linked-Etag") ?? Header(response, "ETag")));
        }
        finally
        {
            response.Dispose();
        }
    }

    /// <summary>Begins to receive a file, where the server can, at byte <paramref name="from"/>.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string commit, string file, long from, CancellationToken ct)
    {
        Uri address = Resolve(commit, file);
        HttpResponseMessage response = await SendAsync(HttpMethod.Get, address, from, leaveHub: true, ct).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            return response;
        try
        {
            Check(response, address);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next bytes of a body; a server that stays silent counts as a lost connection.</summary>
    public async ValueTask<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_settings.StallTimeout);
        try
        {
            return await body.ReadAsync(buffer, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsLost(e, ct))
        {
            throw HubErrors.ForConnection(Silence(e), _endpoint, _id, _revision);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, long from, bool leaveHub, CancellationToken ct)
    {
        for (int hop = 0; hop <= MaxRedirects; hop++)
        {
            using var request = new HttpRequestMessage(method, address);
            if (IsHub(address) && _settings.Token is { } token)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (from > 0)
                request.Headers.Range = new RangeHeaderValue(from, null);
            HttpResponseMessage response = await SendOnceAsync(request, address, ct).ConfigureAwait(false);
            if (!IsRedirect(response) || response.Headers.Location is not { } location)
                return response;
            Uri next = new(address, location);
            if (!leaveHub && !IsHub(next))
                return response;
            response.Dispose();
            // Plain HTTP is for tests and mirrors on this machine; a remote hub has no reason to lead there.
            if (next.Scheme != Uri.UriSchemeHttps && !(_endpoint.IsLoopback && HubSettings.IsSecure(next)))
                throw new HttpRequestException($"Hub model {_id}, revision {_revision}: {address.GetLeftPart(UriPartial.Path)} redirects to {next.GetLeftPart(UriPartial.Authority)}, which is not HTTPS; check HF_ENDPOINT.", null, response.StatusCode);
            address = next;
        }
        throw new HttpRequestException($"Hub model {_id}, revision {_revision}: {address.GetLeftPart(UriPartial.Path)} redirects more than {MaxRedirects} times; check HF_ENDPOINT.", null, HttpStatusCode.LoopDetected);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, Uri address, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_settings.StallTimeout);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsLost(e, ct))
        {
            throw HubErrors.ForConnection(Silence(e), address, _id, _revision);
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, Uri address, CancellationToken ct)
    {
        using Stream body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        using var all = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        while (await ReadAsync(body, buffer, ct).ConfigureAwait(false) is var count and > 0)
        {
            all.Write(buffer, 0, count);
            if (all.Length > MaxListLength)
                throw new InvalidDataException($"Hub model {_id}: {address} answered with more than {MaxListLength} bytes; check HF_ENDPOINT.");
        }
        return all.ToArray();
    }

    private Uri Resolve(string commit, string file) =>
        new($"{_settings.Endpoint}/{_id}/resolve/{commit}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");

    private bool IsHub(Uri address) => Uri.Compare(address, _endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private void Check(HttpResponseMessage response, Uri address)
    {
        if (!response.IsSuccessStatusCode)
            throw HubErrors.ForStatus(response.StatusCode, address, _id, _revision, _settings);
    }

    private static bool IsRedirect(HttpResponseMessage response) => (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;

    private static bool IsLost(Exception e, CancellationToken ct) => e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested);

    private Exception Silence(Exception e) => e is OperationCanceledException ? new TimeoutException($"no answer for {_settings.StallTimeout.TotalSeconds:0} s", e) : e;

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}
