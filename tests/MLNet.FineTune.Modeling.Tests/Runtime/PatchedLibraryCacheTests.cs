using MLNet.FineTune.Runtime;

namespace MLNet.FineTune.Tests.Runtime;

[TestClass]
public sealed class PatchedLibraryCacheTests
{
    private const string Version = "V_2";
    private static byte[] Image { get; } = ElfImage.Create(("libother.so", ["V_1", Version]));

    [TestMethod]
    public void KeepsOneCopyForAllWhoAskAtOnce()
    {
        using var folder = new TemporaryFolder();
        string library = WriteLibrary(folder);
        using var together = new Barrier(16);
        var paths = new string?[16];
        Thread[] threads = [.. Enumerable.Range(0, 16).Select(t => new Thread(() =>
        {
            together.SignalAndWait();
            paths[t] = new PatchedLibraryCache(folder.File("cache")).GetOrAdd(library, Version);
            Patched(paths[t]!); // whole, at every moment
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        string path = paths.Distinct().Single()!;
        CollectionAssert.AreEqual((string[])[path], Directory.GetFiles(folder.File("cache"), "*", SearchOption.AllDirectories), "temporary files remain");
        CollectionAssert.AreEqual(Image, File.ReadAllBytes(library), "the original is never touched");
        Assert.AreEqual("libsome.so", Path.GetFileName(path));
    }

    [TestMethod]
    public void AnotherLibraryHasAnotherCopy()
    {
        using var folder = new TemporaryFolder();
        string library = WriteLibrary(folder);
        var cache = new PatchedLibraryCache(folder.File("cache"));
        string? first = cache.GetOrAdd(library, Version);
        File.WriteAllBytes(library, [.. Image, 0]);
        string? second = cache.GetOrAdd(library, Version);
        Assert.AreNotEqual(first, second);
        Assert.HasCount(Image.Length + 1, File.ReadAllBytes(second!));
    }

    [TestMethod]
    public void ADamagedCopyIsReplaced()
    {
        using var folder = new TemporaryFolder();
        string library = WriteLibrary(folder);
        var cache = new PatchedLibraryCache(folder.File("cache"));
        string path = cache.GetOrAdd(library, Version)!;
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..50]);
        Assert.AreEqual(path, cache.GetOrAdd(library, Version));
        Patched(path);
    }

    [TestMethod]
    public void ALibraryWithoutTheRequirementNeedsNoCopy()
    {
        using var folder = new TemporaryFolder();
        Assert.IsNull(new PatchedLibraryCache(folder.File("cache")).GetOrAdd(WriteLibrary(folder), "V_3"));
        Assert.IsFalse(Directory.Exists(folder.File("cache")));
    }

    [TestMethod]
    public void AFolderThatCannotBeWrittenSaysWhatToSet()
    {
        using var folder = new TemporaryFolder();
        string library = WriteLibrary(folder);
        File.WriteAllText(folder.File("cache"), "a file where the folder should be");
        IOException e = Assert.ThrowsExactly<IOException>(() => new PatchedLibraryCache(folder.File("cache")).GetOrAdd(library, Version));
        foreach (string part in new[] { library, folder.File("cache"), Version, "XDG_CACHE_HOME" })
            StringAssert.Contains(e.Message, part);
    }

    [TestMethod]
    public void ADamagedLibraryIsNamed()
    {
        using var folder = new TemporaryFolder();
        string library = folder.File("libsome.so");
        File.WriteAllText(library, "no library");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => new PatchedLibraryCache(folder.File("cache")).GetOrAdd(library, Version)).Message, library);
    }

    private static string WriteLibrary(TemporaryFolder folder)
    {
        File.WriteAllBytes(folder.File("libsome.so"), Image);
        return folder.File("libsome.so");
    }

    private static void Patched(string path)
    {
        byte[] expected = [.. Image];
        Assert.AreEqual(1, ElfVersionRequirement.Weaken(expected, Version));
        CollectionAssert.AreEqual(expected, File.ReadAllBytes(path));
    }
}
