using System.Text.Json;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.Tests.Tokenization;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Prompting;

[TestClass]
public sealed class VerbalizerTests
{
    [TestMethod]
    public void WordsAreTokens()
    {
        Verbalizer verbalizer = Create(["warm"], ["Fresh", "grand"]);
        CollectionAssert.AreEqual((int[])[TinyPrompt.Id("warm")], verbalizer.Ids[0]);
        CollectionAssert.AreEqual((int[])[TinyPrompt.Id("fresh"), TinyPrompt.Id("grand")], verbalizer.Ids[1]);
    }

    [TestMethod]
    public void OtherWordsAreRefused()
    {
        void Refused(string says, params string[][] words) => StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Create(words)).Message, says);

        Refused("The label word 'warmer' of the class 'one' is 'warm' + 'er' to the encoder's tokenizer; expected a word that is a single token", ["warmer"], ["cold"]);
        Refused("'red' + 'car'", ["red car"], ["cold"]);
        Refused("is an unknown token", ["purple"], ["cold"]);
        Refused("is nothing", [" "], ["cold"]);
        Refused("The class 'two' has no label word", ["warm"], []);
        Refused("The label word 'Warm' of the class 'two' is one of 'one' already", ["warm"], ["Warm"]);
        Assert.IsNull(Verbalizer.Find(TinyPrompt.Tokenizer, false, "[MASK]"));
    }

    /// <summary>Each word start, put behind a space, is its own token, in every kind of tokenizer.</summary>
    [TestMethod]
    public void VocabulariesNameTheirWords()
    {
        var naive = new NaiveByteLevelBpe(["the cat café the cat café"], 9);
        var spm = new SentencePieceModelBuilder { Ids = (3, 1, 2, 0) }.Add("[PAD]", kind: 3).Add("[CLS]", kind: 3).Add("[SEP]", kind: 3).Add("[UNK]", kind: 2).Add("\u2581cat", -1).Add("\u2581the", -2).Add("cat", -3).Add("\u2581", -4);
        (TextTokenizer Tokenizer, string[] Words)[] cases =
        [
            (TinyPrompt.Tokenizer, ["red", "warm", "it"]),
            (TinyVocabulary.Load(("vocab.json", JsonSerializer.Serialize(naive.Vocabulary.Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id))),
                ("merges.txt", "#version: 0.2\n" + string.Join('\n', naive.Merges) + "\n")), ["cat", "café"]),
            (TextTokenizer.Load(new Dictionary<string, byte[]> { ["spm.model"] = spm.Build() }, "memory"), ["cat", "the"]),
        ];
        foreach ((TextTokenizer tokenizer, string[] words) in cases)
        {
            Dictionary<string, int> starts = tokenizer.WordStarts.ToDictionary(word => word.Text, word => word.Id);
            foreach (string word in words)
                Assert.AreEqual(Verbalizer.Find(tokenizer, lowerCase: false, word), starts[word], word);
            Assert.IsFalse(starts.ContainsKey("##er"));
        }
    }

    private static Verbalizer Create(params string[][] words) => Verbalizer.Create(TinyPrompt.Tokenizer, lowerCase: false, ["one", "two"], words);
}
