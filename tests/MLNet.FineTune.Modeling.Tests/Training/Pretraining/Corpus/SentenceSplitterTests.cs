using CsCheck;
using MLNet.FineTune.Pretraining;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class SentenceSplitterTests
{
    [TestMethod]
    [DataRow("", new string[0])]
    [DataRow("No full stop at all", new[] { "No full stop at all" })]
    [DataRow("The first sentence is here. The second follows it! And does the third? Yes.", new[] { "The first sentence is here.", "The second follows it!", "And does the third? Yes." })]
    [DataRow("He said \"it is over now.\" Nobody answered him.", new[] { "He said \"it is over now.\"", "Nobody answered him." })]
    [DataRow("It grew by 3.5 percent in 2020. 17 others did not.", new[] { "It grew by 3.5 percent in 2020.", "17 others did not." })]
    [DataRow("See section one. (It is short.) See section two.", new[] { "See section one. (It is short.)", "See section two." })]
    [DataRow("This one ends here.and goes on without a space, e.g. like this.", new[] { "This one ends here.and goes on without a space, e.g. like this." })]
    [DataRow("Dr. No and Mr. Bean met in a street of London.", new[] { "Dr. No and Mr. Bean met in a street of London." })]
    [DataRow("A line that ends here.\n\n  Élan begins the next one.", new[] { "A line that ends here.", "Élan begins the next one." })]
    [DataRow("A longer text that trails off… Nothing ends before this. ", new[] { "A longer text that trails off… Nothing ends before this. " })]
    public void Cases(string paragraph, string[] sentences) => CollectionAssert.AreEqual(sentences, SentenceSplitter.Split(paragraph).ToArray());

    [TestMethod]
    public void Loses_nothing_but_white_space() =>
        Gen.Int[0, 10].Select(i => new[] { "a", "B", "word ", ". ", "! ", "?\" ", " ", "7", "(", "Ä", ".\n" }[i]).Array[0, 60].Select(string.Concat).Sample(paragraph =>
        {
            string[] sentences = [.. SentenceSplitter.Split(paragraph)];
            Assert.AreEqual(Dense(paragraph), Dense(string.Concat(sentences)));
            foreach (string sentence in sentences.SkipLast(1))
                Assert.IsGreaterThanOrEqualTo(20, sentence.Length);
        }, iter: 2000, threads: 1, seed: "0N0XIzNsQ0O2");

    private static string Dense(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character)));
}
