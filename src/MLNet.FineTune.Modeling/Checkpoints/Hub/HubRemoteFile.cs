using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>A file as the hub announces it.</summary>
/// <param name="Name">The name in the repository.</param>
/// <param name="Size">Bytes; null where the server does not say.</param>
/// <param name="Hash">SHA-256 (64 digits: large files) or git blob SHA-1 (40 digits: small ones); null where the server, a mirror then, gives neither.</param>
internal sealed record HubRemoteFile(string Name, long? Size, string? Hash)
{
    /// <summary>Takes a hash from an entity tag, which may be quoted and marked weak.</summary>
    public static string? HashFromTag(string? tag)
    {
        string text = (tag ?? "").Trim();
        if (text.StartsWith("W/", StringComparison.Ordinal))
            text = text[2..];
        text = text.Trim('"');
        return text.Length is 40 or 64 && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : null;
    }

    /// <summary>The name of its contents in the cache: the hash, or where there is none, one of the file's address.</summary>
    public string BlobName(string commit) =>
        Hash ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{commit}/{Name}")));

    /// <summary>Whether the contents are those announced; true where nothing was announced.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "git names its blobs by SHA-1; it detects damage here, HTTPS guards against attackers.")]
    public async Task<bool> MatchesAsync(Stream contents, CancellationToken ct)
    {
        if (Hash is null)
            return true;
        if (Hash.Length == 64)
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(contents, ct).ConfigureAwait(false)) == Hash;

        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        sha1.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {contents.Length}\0")));
        byte[] buffer = new byte[1 << 16];
        while (await contents.ReadAsync(buffer, ct).ConfigureAwait(false) is var count and > 0)
            sha1.AppendData(buffer, 0, count);
        return Convert.ToHexStringLower(sha1.GetHashAndReset()) == Hash;
    }
}
