using System.Net;

namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>Receives one file: continues where an interrupted attempt ended, retries what may pass, and verifies length and hash.</summary>
internal sealed class HubTransfer(HubClient client, HubSettings settings, string commit, HubRemoteFile file, string path, IProgress<DownloadProgress>? progress)
{
    private const int BufferLength = 1 << 17;

    // An attempt that brings this much was no failure: large files may need many connections.
    private const long Advance = 1 << 20;

    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Completes the file at the path; whatever lies there is continued.</summary>
    /// <exception cref="HttpRequestException">The server refuses, or the connection was lost too often.</exception>
    /// <exception cref="InvalidDataException">What arrives is not what was announced.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        if (file.Hash is null)
            File.Delete(path); // nothing could tell whether the parts fit
        long best = Present();
        bool continued = best > 0, restarted = false;
        for (int failures = 0; ;)
        {
            try
            {
                await ReceiveAsync(ct).ConfigureAwait(false);
                if (await IsCompleteAsync(ct).ConfigureAwait(false))
                    return;
                File.Delete(path);
                if (!continued || restarted)
                    throw new InvalidDataException($"{file.Name}: the bytes received do not have the hash announced ({file.Hash}); the server or something on the way alters them. Try again, or check HF_ENDPOINT and the proxy.");
                restarted = true; // the part that was continued may have been the damaged one
            }
            catch (HttpRequestException e) when (HubErrors.IsTransient(e))
            {
                long present = Present();
                failures = present >= best + Advance ? 1 : failures + 1;
                if (failures >= settings.MaxAttempts)
                    throw;
                best = Math.Max(best, present);
                continued |= present > 0;
                await Task.Delay(settings.RetryDelay * Math.Pow(2, failures - 1), ct).ConfigureAwait(false);
            }
        }
    }

    private long Present() => File.Exists(path) ? new FileInfo(path).Length : 0;

    private async Task<bool> IsCompleteAsync(CancellationToken ct)
    {
        using var contents = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferLength, useAsync: true);
        return (file.Size is null || contents.Length == file.Size) && await file.MatchesAsync(contents, ct).ConfigureAwait(false);
    }

    private async Task ReceiveAsync(CancellationToken ct)
    {
        long present = Present();
        if (present > file.Size)
        {
            File.Delete(path);
            present = 0;
        }
        if (present > 0 && present == file.Size)
            return;
        using HttpResponseMessage response = await client.OpenAsync(commit, file.Name, present, ct).ConfigureAwait(false);
        long start = Start(response, present);
        long? total = response.Content.Headers.ContentLength is { } length ? start + length : null;
        if (file.Size is { } size && total is { } announced && announced != size)
            throw new InvalidDataException($"{file.Name}: the server announces {announced} bytes for a file of {size}; check HF_ENDPOINT and the proxy.");

        using Stream body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        using var target = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0, useAsync: true);
        target.SetLength(start);
        target.Position = start;
        await CopyAsync(body, target, file.Size ?? total, ct).ConfigureAwait(false);
        target.Flush(flushToDisk: true);
    }

    /// <summary>Where the bytes that follow belong. A server may ignore the wish to continue.</summary>
    private long Start(HttpResponseMessage response, long wanted)
    {
        if (response.StatusCode == HttpStatusCode.OK)
            return 0;
        if (response.StatusCode == HttpStatusCode.PartialContent && wanted > 0 && response.Content.Headers.ContentRange is { Unit: "bytes" } range
            && range.From == wanted && (range.Length is null || file.Size is null || range.Length == file.Size))
            return wanted;
        File.Delete(path);
        throw new HttpRequestException($"{file.Name}: the server answered {(int)response.StatusCode} with range '{response.Content.Headers.ContentRange}' when asked for the bytes from {wanted} on; the file is requested anew.");
    }

    private async Task CopyAsync(Stream body, FileStream target, long? total, CancellationToken ct)
    {
        byte[] buffer = new byte[BufferLength];
        DateTime reported = DateTime.MinValue;
        while (await client.ReadAsync(body, buffer, ct).ConfigureAwait(false) is var count and > 0)
        {
            await target.WriteAsync(buffer.AsMemory(0, count), ct).ConfigureAwait(false);
            if (target.Position > total)
                throw new InvalidDataException($"{file.Name}: the server sends more than the {total} bytes announced; check HF_ENDPOINT and the proxy.");
            if (DateTime.UtcNow - reported >= ReportInterval && target.Position != total)
            {
                reported = DateTime.UtcNow;
                progress?.Report(new DownloadProgress(file.Name, target.Position, total));
            }
        }
        if (target.Position < total)
            throw new HttpRequestException($"{file.Name}: the connection ended after {target.Position} of {total} bytes; try again: what has arrived is kept.");
        progress?.Report(new DownloadProgress(file.Name, target.Position, total));
    }
}
