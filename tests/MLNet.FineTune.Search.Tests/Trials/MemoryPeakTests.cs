namespace MLNet.FineTune.Search.Tests.Trials;

[TestClass]
[DoNotParallelize]
public sealed class MemoryPeakTests
{
    private const int Size = 96 << 20;

    [TestMethod]
    public void WhatIsHeldMeanwhileCounts()
    {
        using MemoryPeak memory = MemoryPeak.Begin();
        Touch();
        // Other tests free and take memory too; most of it must show.
        Assert.IsGreaterThan(Size / 2, memory.Bytes);
    }

    private static unsafe void Touch()
    {
        void* block = System.Runtime.InteropServices.NativeMemory.Alloc(Size);
        new Span<byte>(block, Size).Fill(1);
        Thread.Sleep(50);
        System.Runtime.InteropServices.NativeMemory.Free(block);
    }
}
