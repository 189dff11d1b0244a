namespace MLNet.FineTune.Checkpoints;

/// <summary>Joins relative names that come from elsewhere (an index file, a server) to a folder they may not leave.</summary>
internal static class FolderPath
{
    /// <summary>The path of <paramref name="relative"/>, parts separated by '/', below <paramref name="folder"/>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="relative">The name from elsewhere.</param>
    /// <param name="origin">Where the name comes from, for the message.</param>
    /// <exception cref="InvalidDataException">The name is empty, absolute, or leaves the folder on some operating system.</exception>
    public static string Combine(string folder, string relative, string origin)
    {
        string[] parts = relative.Split('/');
        // Backslashes and colons are separators and drives on Windows; refused everywhere, so that a model works everywhere.
        if (parts.Any(part => part is "" or "." or ".." || part.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0) || relative.AsSpan().ContainsAny('\\', ':'))
            throw new InvalidDataException($"{origin}: the file name '{relative}' is not a plain name inside the folder.");
        return Path.Combine([folder, .. parts]);
    }
}
