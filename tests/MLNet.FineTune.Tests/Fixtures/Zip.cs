using System.IO.Compression;

namespace MLNet.FineTune.Tests.Fixtures;

/// <summary>Takes zips apart and puts them together again.</summary>
internal static class Zip
{
    public static Dictionary<string, byte[]> Read(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using Stream stream = entry.Open();
            var content = new MemoryStream();
            stream.CopyTo(content);
            return content.ToArray();
        });
    }

    public static byte[] Write(IReadOnlyDictionary<string, byte[]> entries)
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string name, byte[] content) in entries)
            {
                using Stream stream = archive.CreateEntry(name).Open();
                stream.Write(content);
            }
        return zip.ToArray();
    }

    /// <summary>A copy in which one entry, found by the end of its name, is replaced, or removed where the new content is null.</summary>
    public static byte[] With(byte[] zip, string name, Func<byte[], byte[]?> change)
    {
        Dictionary<string, byte[]> entries = Read(zip);
        string key = entries.Keys.Single(entry => entry == name || entry.EndsWith('/' + name));
        if (change(entries[key]) is { } content)
            entries[key] = content;
        else
            entries.Remove(key);
        return Write(entries);
    }
}
