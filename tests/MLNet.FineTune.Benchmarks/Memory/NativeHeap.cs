using System.Runtime.InteropServices;

namespace MLNet.FineTune.Benchmarks.Memory;

/// <summary>The C library's heap, in which libtorch allocates.</summary>
internal static partial class NativeHeap
{
    /// <summary>Gives what is free back to the system, so that the resident set shows what is in use; does nothing where the C library is not glibc.</summary>
    public static void Trim()
    {
        if (NativeLibrary.TryLoad("libc.so.6", out nint libc) && NativeLibrary.TryGetExport(libc, "malloc_trim", out _))
            _ = MallocTrim(0);
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
