using System.Security.Cryptography;
using MLNet.FineTune.Checkpoints;

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
    /// <exception cref="InvalidDataException">The library is no well-formed ELF file.</exception>
    /// <exception cref="IOException">The copy cannot be written.</exception>
    public string? GetOrAdd(string library, string version)
    {
        byte[] image = File.ReadAllBytes(library);
        string folder = Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(image))[..32]);
        try
        {
            if (ElfVersionRequirement.Weaken(image, version) == 0)
                return null;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{library}: {e.Message} Restore the package that holds it.", e);
        }

        string target = Path.Combine(folder, Path.GetFileName(library));
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(image))
            return target;

        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(target, stream => stream.Write(image));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{library} needs a copy without its requirement of {version}, which could not be written to '{folder}': {e.Message} " +
                "Make that folder writable, or set XDG_CACHE_HOME to one that is.", e);
        }
        return target;
    }
}
