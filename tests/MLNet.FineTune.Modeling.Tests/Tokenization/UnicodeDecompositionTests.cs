using System.Text;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public class UnicodeDecompositionTests
{
    [TestMethod]
    [DataRow(0xE9, "e\u0301", "e\u0301")]
    [DataRow(0x1E69, "s\u0323\u0307", "s\u0323\u0307")]
    [DataRow(0xAC01, "\u1100\u1161\u11A8", "\u1100\u1161\u11A8")]
    [DataRow(0xAC00, "\u1100\u1161", "\u1100\u1161")]
    [DataRow(0xD7A3, "\u1112\u1175\u11C2", "\u1112\u1175\u11C2")]
    [DataRow(0x212B, "A\u030A", "A\u030A")]
    [DataRow(0xFB01, "", "fi")]
    [DataRow(0xBD, "", "1\u20442")]
    [DataRow(0x1D4B3, "", "X")]
    [DataRow(0x2F800, "\u4E3D", "\u4E3D")]
    [DataRow(0x37E, ";", ";")]
    [DataRow('a', "", "")]
    [DataRow(0x4E2D, "", "")]
    public void Decomposes_as_the_unicode_data_says(int codePoint, string canonical, string compatibility)
    {
        UnicodeDecomposition.TryDecompose(new Rune(codePoint), compatibility: false, out string found);
        Assert.AreEqual(canonical, found);
        UnicodeDecomposition.TryDecompose(new Rune(codePoint), compatibility: true, out found);
        Assert.AreEqual(compatibility, found);
    }

    [TestMethod]
    public void Decompositions_are_complete()
    {
        (int canonical, int compatibility) = (0, 0);
        for (int code = 0; code <= 0x10FFFF; code++)
        {
            if (code is (>= 0xD800 and <= 0xDFFF) or (>= 0xAC00 and <= 0xD7A3))
                continue;
            foreach (bool compatible in (bool[])[false, true])
            {
                if (!UnicodeDecomposition.TryDecompose(new Rune(code), compatible, out string decomposition))
                    continue;
                _ = compatible ? compatibility++ : canonical++;
                Assert.IsTrue(decomposition.EnumerateRunes().All(rune => !UnicodeDecomposition.TryDecompose(rune, compatible, out _)), $"U+{code:X4}");
            }
        }
        Assert.AreEqual((2061, 5795), (canonical, compatibility));
    }
}
