using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tests.Checkpoints;

namespace MLNet.FineTune.Tests.Runtime;

[TestClass]
public sealed class ElfVersionRequirementTests
{
    private const string Version = "GLIBCXX_3.4.32";

    private static byte[] Image { get; } = ElfImage.Create(
        ("libc.so.6", ["GLIBC_2.17", "GLIBC_2.34"]), ("libstdc++.so.6", ["GLIBCXX_3.4.3", Version, "CXXABI_1.3"]), ("libm.so.6", ["GLIBC_2.29"]));

    [TestMethod]
    public void OneRequirementIsMarkedWeak()
    {
        byte[] image = [.. Image];
        Assert.AreEqual(1, ElfVersionRequirement.Weaken(image, Version));
        OneByteDiffers(Image, image);
        Assert.AreEqual(0, ElfVersionRequirement.Weaken(image, Version), "it is weak already");
    }

    [TestMethod]
    public void EachLibraryThatIsNamedIsMarked()
    {
        byte[] image = ElfImage.Create(("liba.so", [Version]), ("libb.so", ["OTHER_1", Version]));
        Assert.AreEqual(2, ElfVersionRequirement.Weaken(image, Version));
    }

    [TestMethod]
    [DataRow("GLIBCXX_3.4")] // the beginning of one
    [DataRow("GLIBCXX_3.4.322")]
    [DataRow("3.4.32")]
    [DataRow("libc.so.6")]
    public void OtherNamesAreLeftAlone(string version)
    {
        byte[] image = [.. Image];
        Assert.AreEqual(0, ElfVersionRequirement.Weaken(image, version));
        CollectionAssert.AreEqual(Image, image);
    }

    [TestMethod]
    public void TheRealLibraryDiffersInOneByte()
    {
        if (Library() is not { } path)
        {
            Assert.Inconclusive("Skipped: there is no libLibTorchSharp.so beside the tests.");
            return;
        }
        byte[] before = File.ReadAllBytes(path), after = [.. before];
        Assert.AreEqual(1, ElfVersionRequirement.Weaken(after, Version));
        OneByteDiffers(before, after);
    }

    [TestMethod]
    public void WhatIsNoElfImageIsRefused()
    {
        foreach (byte[] image in new byte[][] { [], [1, 2, 3], new byte[64], "MZ"u8.ToArray(), [.. Image.Take(40)] })
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ElfVersionRequirement.Weaken(image, Version)).Message, "ELF");
        byte[] narrow = [.. Image];
        narrow[4] = 1;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ElfVersionRequirement.Weaken(narrow, Version)).Message, "64-bit");
    }

    /// <summary>Links that lead back would be followed for ever.</summary>
    [TestMethod]
    [Timeout(20_000)]
    public void ChainsThatLeadBackEnd()
    {
        byte[] image = ElfImage.Create(("liba.so", ["A_1"]), ("libb.so", ["B_1"]));
        int needs = Find(image, [1, 0, 1, 0]), second = needs + 32;
        BitConverter.GetBytes(-32).CopyTo(image, second + 12); // vn_next
        Assert.ThrowsExactly<InvalidDataException>(() => ElfVersionRequirement.Weaken(image, Version));
    }

    [TestMethod]
    public void DamagedImagesAreRefusedOrLeftOfOneLength()
    {
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 5000; i++)
        {
            byte[] image = Mutation.Apply(Image, random);
            int length = image.Length;
            try
            {
                Assert.IsInRange(0, 10, ElfVersionRequirement.Weaken(image, Version));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            Assert.HasCount(length, image);
        }
        Assert.IsGreaterThan(500, refused);
    }

    internal static string? Library() => new[] { "", $"runtimes/{System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}/native" }
        .Select(folder => Path.Combine(AppContext.BaseDirectory, folder, "libLibTorchSharp.so")).FirstOrDefault(File.Exists);

    private static void OneByteDiffers(byte[] before, byte[] after)
    {
        int[] changed = [.. Enumerable.Range(0, before.Length).Where(i => before[i] != after[i])];
        Assert.HasCount(1, changed);
        Assert.AreEqual(before[changed[0]] | 2, after[changed[0]]);
    }

    private static int Find(byte[] image, ReadOnlySpan<byte> bytes) => image.AsSpan().IndexOf(bytes);
}
