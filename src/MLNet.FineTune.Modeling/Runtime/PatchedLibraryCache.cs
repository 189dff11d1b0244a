using System.Security.Cryptography;

namespace MLNet.FineTune.Runtime;

/// <summary>A per-user folder of native libraries whose version requirements were weakened, one subfolder a content hash.</summary>
/// <remarks>Many processes may ask at once: each writes a file of its own and moves it into place, so that none sees half a library.</remarks>
internal sealed class PatchedLibraryCache(string root)
{
    /// <summary>The folder of the current user: <c>XDG_CACHE_HOME</c> or the platform's local application data, below it <c>MLNet.FineTune/native</c>.</summary>
    public static PatchedLibraryCache ForCurrentUser()
    {
        string? root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(root))
            root = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (string.IsNullOrEmpty(root))
            root = Path.GetTempPath();
        return new PatchedLibraryCache(Path.Combine(root, "MLNet.FineTune", "native"));
    }

    /// <summary>The path of a copy of <paramref name="library"/> in which the requirement of <paramref name="version"/> is weak.</summary>
    /// <returns><see langword="null"/> when the library has no such requirement, so that a copy would not help.</returns>
    public string? GetOrAdd(string library, string version)
    {
        byte[] image = File.ReadAllBytes(library);
        string folder = Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(image))[..32]);
        if (ElfVersionRequirement.Weaken(image, version) == 0)
            return null;

        string target = Path.Combine(folder, Path.GetFileName(library));
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(image))
            return target;

        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, $".{Path.GetFileName(library)}.{Environment.ProcessId}.{Guid.NewGuid():N}");
        try
        {
            File.WriteAllBytes(temporary, image);
            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
        return target;
    }
}
