using CsCheck;
using MLNet.FineTune.Pretraining;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class DecontaminationTests
{
    private const string Sentence = "The old bridge was near the river.";

    /// <summary>Words of few letters over a small alphabet, so that texts meet and overlap often.</summary>
    private static readonly Gen<string[]> Words = Gen.Char["aab1"].Array[1, 2].Select(letters => new string(letters)).Array[0, 40];

    private static readonly string[] Separators = [" ", ", ", "  ", "\t", "-", "… ", "(", "\n\n"];

    [TestMethod]
    [DataRow("The old bridge was near the river.")]
    [DataRow("the OLD bridge was NEAR the river")]
    [DataRow("\"The  old\tbridge - was\nnear, (the) river\"?!")]
    [DataRow("They say: the old bridge was near the river. Is it true?")]
    [DataRow("The old the old bridge was near the old bridge was near the river")]
    public void A_text_is_found_whatever_case_punctuation_and_spacing(string paragraph) => Assert.IsTrue(new Decontamination([Sentence]).OccursIn(paragraph));

    [TestMethod]
    [DataRow("")]
    [DataRow("The old bridge was near the")]
    [DataRow("The old bridge was near the rivers.")]
    [DataRow("Breathe old bridge was near the river, bathe old bridge was near the river")]
    [DataRow("The old bridge was very near the river.")]
    [DataRow("The oldbridge was near the river.")]
    [DataRow("River the near was bridge old the.")]
    public void Parts_of_a_text_and_of_words_are_not_the_text(string paragraph) => Assert.IsFalse(new Decontamination([Sentence]).OccursIn(paragraph));

    [TestMethod]
    public void Texts_of_few_words_have_no_effect()
    {
        Assert.IsFalse(new Decontamination(["what is a river", "", "?!"]).OccursIn("Tell me: what is a river?"));
        Assert.IsTrue(new Decontamination(["what is a river", "", "what is a river like"]).OccursIn("Tell me: what is a river like?"));
        Assert.IsFalse(new Decontamination([]).OccursIn("Tell me: what is a river like?"));
    }

    [TestMethod]
    public void Letters_of_other_scripts_make_words()
    {
        var texts = new Decontamination(["Старый мост был у реки", "ΑΒ ΓΔ ΕΖ ΗΘ ΙΚ"]);
        Assert.IsTrue(texts.OccursIn("Да, СТАРЫЙ мост «был» у реки."));
        Assert.IsTrue(texts.OccursIn("αβ γδ εζ ηθ ικ"));
        Assert.IsFalse(texts.OccursIn("Старый мост был у рек"));
    }

    /// <summary>Against a search of strings in which one space is before and after each word.</summary>
    [TestMethod]
    public void Agrees_with_a_search_of_all_places()
    {
        int found = 0, cases = 0;
        Gen.Select(Words, Words.Array[0, 4], Gen.Int[0, 7], Gen.Int[0, 30], Gen.Int[0, 9]).Sample((paragraph, texts, between, from, length) =>
        {
            // One of the texts is a stretch of the paragraph, or would be were it long enough.
            string[][] all = [.. texts, [.. paragraph.Skip(from).Take(length)]];
            bool expected = all.Any(text => text.Length >= Decontamination.LeastWords && Spaced(paragraph).Contains(Spaced(text), StringComparison.Ordinal));
            (found, cases) = (found + (expected ? 1 : 0), cases + 1);
            return expected == new Decontamination(all.Select(text => string.Join(' ', text))).OccursIn(string.Join(Separators[between], paragraph).ToUpperInvariant());
        }, iter: 3000, threads: 1);
        Assert.IsTrue(found > cases / 10 && found < 9 * cases / 10, $"{found} of {cases} cases hold a text: they prove one side only");
    }

    private static string Spaced(string[] words) => $" {string.Join(' ', words)} ";
}
