using System.Runtime.InteropServices;

namespace MLNet.FineTune.Runtime;

/// <summary>Settings of glibc's heap, from which libtorch takes its tensors on Linux; does nothing elsewhere.</summary>
/// <remarks>
/// glibc gives large blocks back to the system as soon as they are freed. A training step frees and takes the same few
/// hundred megabytes each time, so that the system maps and clears them anew in every step: 5 to 14 % of a float32 step on two cores; bfloat16 gains nothing (see the benchmarks).
/// </remarks>
internal static partial class NativeHeap
{
    // mallopt(3).
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    private const int Megabyte = 1 << 20;

    private static readonly Lock Gate = new();
    private static readonly bool Supported = OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint libc) && NativeLibrary.TryGetExport(libc, "mallopt", out _);
    private static int s_users;

    /// <summary>Freed memory stays with the process until the last of the returned objects is disposed; then it is given back.</summary>
    public static IDisposable KeepFreed()
    {
        lock (Gate)
            if (Supported && s_users++ == 0)
                Set(mmapThreshold: 1024, trimThreshold: 1024, topPad: 64);
        return new Lease();
    }

    /// <summary>Gives what is free back to the system.</summary>
    public static void Trim()
    {
        if (Supported)
            _ = MallocTrim(0);
    }

    private static void Release()
    {
        lock (Gate)
        {
            if (!Supported || --s_users > 0)
                return;
            // Room for the activations of a scoring batch: glibc's own defaults do not come back once they were set.
            Set(mmapThreshold: 64, trimThreshold: 256, topPad: 16);
            Trim();
        }
    }

    private static void Set(int mmapThreshold, int trimThreshold, int topPad)
    {
        _ = MallOpt(MmapThreshold, mmapThreshold * Megabyte);
        _ = MallOpt(TrimThreshold, trimThreshold * Megabyte);
        _ = MallOpt(TopPad, topPad * Megabyte);
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);

    private sealed class Lease : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                Release();
        }
    }
}
