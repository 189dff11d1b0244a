using MLNet.FineTune.Models;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Prompting;

[TestClass]
public sealed class PromptTemplateTests
{
    private static TextTokenizer Tokenizer => TinyPrompt.Tokenizer;

    [TestMethod]
    [DataRow("{Sentence1} it was {Mask}.", "the red car it was [MASK].")]
    [DataRow("{Mask} : {Sentence1}", "[MASK] : the red car")]
    [DataRow("{{a}} {Sentence1}{Mask}", "{a} the red car[MASK]")]
    [DataRow("{Sentence1}? {Mask}, {Sentence2}", "the red car? [MASK], my house")]
    public void FillsLikeAText(string template, string filled)
    {
        PromptTemplate parsed = PromptTemplate.Parse(template);
        var input = new TextInput("the red car", parsed.HasPair ? "my house" : null);
        CollectionAssert.AreEqual(Tokenizer.Encode(filled, null, 50, Truncation.LongestFirst).Ids, parsed.Encode(Tokenizer, lowerCase: false, input, 50, Truncation.LongestFirst).Ids);
    }

    [TestMethod]
    [DataRow("{Sentence1} was", "'{Mask}' is missing")]
    [DataRow("it was {Mask}", "'{Sentence1}' is missing")]
    [DataRow("{Sentence1} {Mask} {Mask}", "'{Mask}' is there twice")]
    [DataRow("{Sentence1} {Text} {Mask}", "'{Text}' at character 13 is not known; known are {Sentence1}, {Sentence2}, {Mask}")]
    [DataRow("{Sentence1} {Mask", "the brace at character 13 has no partner")]
    [DataRow("Sentence1} {Mask}", "the brace at character 10 has no partner")]
    [DataRow("", "'{Sentence1}' is missing")]
    public void MistakesAreNamed(string template, string says)
    {
        StringAssert.Contains(Assert.ThrowsExactly<FormatException>(() => PromptTemplate.Parse(template)).Message, says);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new ClozePrompt { Template = template }.Validate()).Message, says);
    }

    [TestMethod]
    public void TheTextIsCutAndNotTheTemplate()
    {
        PromptTemplate template = PromptTemplate.Parse("{Sentence1} it was {Mask} .");
        string[] Words(int maxLength, Truncation truncation) =>
            [.. template.Encode(Tokenizer, false, new TextInput("red green blue navy olive"), maxLength, truncation).Ids.Select(id => TinyPrompt.Vocabulary.Split('\n')[id])];
        CollectionAssert.AreEqual((string[])["[CLS]", "red", "green", "blue", "it", "was", "[MASK]", ".", "[SEP]"], Words(9, Truncation.Head));
        CollectionAssert.AreEqual((string[])["[CLS]", "blue", "navy", "olive", "it", "was", "[MASK]", ".", "[SEP]"], Words(9, Truncation.Tail));
        CollectionAssert.AreEqual((string[])["[CLS]", "red", "green", "blue", "navy", "olive", "it", "was", "[MASK]", ".", "[SEP]"], Words(11, Truncation.Head));
        CollectionAssert.AreEqual((string[])["[CLS]", "it", "was", "[MASK]", ".", "[SEP]"], Words(6, Truncation.Head));
        Assert.AreEqual(6, template.Length(Tokenizer, lowerCase: false));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Words(5, Truncation.Head)).Message, "The prompt alone has 6 tokens");
    }

    [TestMethod]
    public void OfAPairTheLongerTextIsCut()
    {
        int[] ids = PromptTemplate.Parse("{Sentence1} {Mask} {Sentence2}").Encode(Tokenizer, false, new TextInput("red", "green blue navy olive"), 6, Truncation.LongestFirst).Ids;
        CollectionAssert.AreEqual((int[])[.. new[] { "[CLS]", "red", "[MASK]", "green", "blue", "[SEP]" }.Select(TinyPrompt.Id)], ids);
    }

    /// <summary>Whatever the texts hold, there is one mask, in its place.</summary>
    [TestMethod]
    public void ThereIsOneMask()
    {
        var random = new Random(5);
        string[] parts = ["red", " ", "[MASK]", "[SEP]", "it was", "", ".", "{Mask}", "中", "RED\u0130"];
        PromptTemplate template = PromptTemplate.Parse("a {Sentence1} it was {Mask} . {Sentence2}");
        for (int i = 0; i < 300; i++)
        {
            string Text() => string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => parts[random.Next(parts.Length)]));
            int maxLength = random.Next(8, 20);
            int[] ids = template.Encode(Tokenizer, random.Next(2) == 0, new TextInput(Text(), Text()), maxLength, (Truncation)random.Next(4)).Ids;
            int at = Array.IndexOf(ids, Tokenizer.MaskId!.Value);
            Assert.AreEqual(1, ids.Count(id => id == Tokenizer.MaskId));
            Assert.AreEqual(TinyPrompt.Id("was"), ids[at - 1]);
            Assert.AreEqual(TinyPrompt.Id("."), ids[at + 1]);
            Assert.IsLessThanOrEqualTo(maxLength, ids.Length);
        }
    }

    [TestMethod]
    public void DefaultsAreThoseOfTheKindOfTexts()
    {
        Assert.IsFalse(PromptTemplate.Default(pairs: false).HasPair);
        Assert.IsTrue(PromptTemplate.Default(pairs: true).HasPair);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Prompt.TemplateOf(new ClozePrompt { Template = TinyPrompt.Template }, pairs: true)).Message, "expected one with {Sentence2}");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Prompt.TemplateOf(new ClozePrompt { Template = PromptTemplate.Pairs }, pairs: false)).Message, "expected one without {Sentence2}");
    }
}
