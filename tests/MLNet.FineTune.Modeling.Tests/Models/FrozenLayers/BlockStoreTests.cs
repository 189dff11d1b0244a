using MLNet.FineTune.Models;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class BlockStoreTests
{
    [TestMethod]
    public unsafe void KeepsWhatWasWrittenInMemoryAndBeyond()
    {
        using var folder = new TemporaryFolder();
        var entries = new List<(nint At, byte[] Content)>();
        using (var store = new BlockStore(new MemoryBudget(2000), folder.Path, blockSize: 1000))
        {
            var random = new Random(1);
            for (int i = 0; i < 40; i++)
            {
                var content = new byte[random.Next(1, 400)];
                random.NextBytes(content);
                nint at = store.Append(content.Length);
                content.CopyTo(new Span<byte>((void*)at, content.Length));
                entries.Add((at, content));
            }
            foreach (var (at, content) in entries)
                Assert.IsTrue(new Span<byte>((void*)at, content.Length).SequenceEqual(content));
            Assert.AreEqual(2000, store.MemoryBytes);
            Assert.IsGreaterThan(1000, store.FileBytes);
            Assert.HasCount((int)store.FileBytes / 1000, Directory.GetFiles(folder.Path));
        }
        Assert.IsEmpty(Directory.GetFiles(folder.Path), "files are left behind");
    }

    [TestMethod]
    public void StoresOfOneBudgetShareTheMemory()
    {
        using var folder = new TemporaryFolder();
        var budget = new MemoryBudget(2500);
        using BlockStore first = new(budget, folder.Path, blockSize: 1000), second = new(budget, folder.Path, blockSize: 1000);
        first.Append(600);
        second.Append(600);
        first.Append(600);
        Assert.AreEqual((1000, 1000), (first.MemoryBytes, second.MemoryBytes));
        Assert.AreEqual((1000, 0), (first.FileBytes, second.FileBytes));
        Assert.AreEqual(500, budget.Left);
    }

    [TestMethod]
    public void AnEntryLongerThanABlockIsRefused()
    {
        using var store = new BlockStore(new MemoryBudget(1000), Path.GetTempPath(), blockSize: 100);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => store.Append(101));
    }
}
