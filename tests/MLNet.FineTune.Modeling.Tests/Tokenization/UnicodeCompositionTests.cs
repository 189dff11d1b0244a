using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

/// <summary>Normal forms as Python's unicodedata gives them.</summary>
[TestClass]
public class UnicodeCompositionTests
{
    [TestMethod]
    [DataRow("plain", "plain", "plain", "plain", "plain")]
    [DataRow("e\u0301", "\u00e9", "e\u0301", "\u00e9", "e\u0301")]
    [DataRow("\u00e9", "\u00e9", "e\u0301", "\u00e9", "e\u0301")]
    [DataRow("a\u0301\u0323", "\u1ea1\u0301", "a\u0323\u0301", "\u1ea1\u0301", "a\u0323\u0301")]
    [DataRow("q\u0307\u0323", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307", "q\u0323\u0307")]
    [DataRow("\u1100\u1161\u11a8", "\uac01", "\u1100\u1161\u11a8", "\uac01", "\u1100\u1161\u11a8")]
    [DataRow("\ud55c", "\ud55c", "\u1112\u1161\u11ab", "\ud55c", "\u1112\u1161\u11ab")]
    [DataRow("\u212b", "\u00c5", "A\u030a", "\u00c5", "A\u030a")]
    [DataRow("\u0958", "\u0915\u093c", "\u0915\u093c", "\u0915\u093c", "\u0915\u093c")] // excluded from composition
    [DataRow("\ufb01\u2460", "\ufb01\u2460", "\ufb01\u2460", "fi1", "fi1")]
    [DataRow("a\u0344", "\u00e4\u0301", "a\u0308\u0301", "\u00e4\u0301", "a\u0308\u0301")]
    [DataRow("\u1e9b\u0323", "\u1e9b\u0323", "\u017f\u0323\u0307", "\u1e69", "s\u0323\u0307")]
    [DataRow("\U0001d15e", "\U0001d157\U0001d165", "\U0001d157\U0001d165", "\U0001d157\U0001d165", "\U0001d157\U0001d165")]
    public void Normal_forms(string text, string nfc, string nfd, string nfkc, string nfkd)
    {
        Assert.AreEqual(nfc, Normalize(text, compatibility: false, compose: true));
        Assert.AreEqual(nfd, Normalize(text, compatibility: false, compose: false));
        Assert.AreEqual(nfkc, Normalize(text, compatibility: true, compose: true));
        Assert.AreEqual(nfkd, Normalize(text, compatibility: true, compose: false));
    }

    [TestMethod]
    public void Characters_know_their_origin()
    {
        AlignedText normal = UnicodeComposition.Normalize(Text("xe\u0301y"), compatibility: false, compose: true);
        Assert.AreEqual("x\u00e9y", normal.Chars.ToString());
        Assert.AreEqual((1, 3), (normal.StartOf(1), normal.EndOf(1)));
        Assert.AreEqual((3, 4), (normal.StartOf(2), normal.EndOf(2)));
    }

    private static string Normalize(string text, bool compatibility, bool compose) => UnicodeComposition.Normalize(Text(text), compatibility, compose).Chars.ToString();

    private static AlignedText Text(string text)
    {
        var aligned = new AlignedText();
        for (int at = 0; at < text.Length; at++)
            aligned.Append(text[at], at, at + 1);
        return aligned;
    }
}
