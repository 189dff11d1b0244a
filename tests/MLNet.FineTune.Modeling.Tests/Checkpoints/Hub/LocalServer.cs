using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MLNet.FineTune.Tests.Checkpoints.Hub;

/// <summary>A request as it arrived.</summary>
internal sealed record Request(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    public long RangeStart => Headers.TryGetValue("Range", out string? range) ? long.Parse(range["bytes=".Length..^1]) : 0;
}

/// <summary>What the server answers; it need not be honest.</summary>
internal sealed record Reply(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    /// <summary>The Content-Length to claim; null for the body's.</summary>
    public long? ClaimedLength { get; init; }

    /// <summary>After so many bytes of the body the connection is cut.</summary>
    public int? CutAfter { get; init; }

    /// <summary>After the bytes that are sent, nothing more comes until the server ends.</summary>
    public bool Hang { get; init; }
}

/// <summary>An HTTP server on 127.0.0.1 that can misbehave at the level of bytes.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<Request, Reply> _answer;
    private readonly Task _loop;

    public LocalServer(Func<Request, Reply> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public ConcurrentQueue<Request> Requests { get; } = new();

    public void Dispose()
    {
        _end.Cancel();
        // The loop ends before the listener does: one asked to accept after its end throws another exception.
        _loop.GetAwaiter().GetResult();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                if (await ReadAsync(stream) is not { } request)
                    return;
                Requests.Enqueue(request);
                Reply reply = _answer(request);
                var head = new StringBuilder($"HTTP/1.1 {reply.Status} Answer\r\nConnection: close\r\nContent-Length: {reply.ClaimedLength ?? reply.Body.Length}\r\n");
                foreach ((string name, string value) in reply.Headers)
                    head.Append($"{name}: {value}\r\n");
                await stream.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()));
                if (request.Method != "HEAD")
                    await stream.WriteAsync(reply.Body.AsMemory(0, reply.CutAfter ?? reply.Body.Length));
                if (reply.Hang)
                    await Task.Delay(Timeout.Infinite, _end.Token);
                client.Client.Shutdown(SocketShutdown.Send);
                // What the client still says is read, so that closing does not reset what it has not yet received.
                while (await stream.ReadAsync(new byte[256], _end.Token) > 0)
                {
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
            }
        }
    }

    private static async Task<Request?> ReadAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        if (await reader.ReadLineAsync() is not { } line)
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } header)
            headers[header[..header.IndexOf(':')]] = header[(header.IndexOf(':') + 1)..].Trim();
        string[] parts = line.Split(' ');
        return new Request(parts[0], parts[1], headers);
    }
}
