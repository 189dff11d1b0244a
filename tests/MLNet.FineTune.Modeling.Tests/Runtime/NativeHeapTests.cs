using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Runtime;

[TestClass]
public sealed class NativeHeapTests
{
    private const int Megabytes = 400;

    /// <summary>Blocks that are taken and freed again cost new pages each time without it, and none with it; in the end they are given back.</summary>
    [TestMethod]
    [DoNotParallelize]
    public void FreedMemoryStaysUntilTheLastUserIsDone()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Skipped: the heap is glibc's, on Linux.");
        NativeHeap.Trim();
        long before = Resident();
        IDisposable first = NativeHeap.KeepFreed(), second = NativeHeap.KeepFreed();
        Touch();
        Assert.IsGreaterThan(before + Megabytes / 2, Resident(), "kept");
        first.Dispose();
        first.Dispose();
        Assert.IsGreaterThan(before + Megabytes / 2, Resident(), "the second user keeps it");
        second.Dispose();
        Assert.IsLessThan(before + Megabytes / 2, Resident(), "given back");
    }

    private static void Touch()
    {
        // Blocks as large as activations are; glibc maps those beyond 64 MB whatever it is told.
        Tensor[] blocks = [.. Enumerable.Range(0, Megabytes / 10).Select(_ => ones(10 << 18))];
        foreach (Tensor block in blocks)
            block.Dispose();
    }

    private static long Resident() =>
        long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) >> 10;
}
