using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public sealed class TokenizedWordsTests
{
    // The vocabulary of TinyVocabulary.Bert begins with [PAD] [UNK] [CLS] [SEP] [MASK].
    private const int Unknown = 1, Cls = 2, Sep = 3, Un = 5, Aff = 6, Able = 7, Cat = 8;

    private static readonly TextTokenizer Tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("un", "##aff", "##able", "cat")));

    [TestMethod]
    public void A_word_stands_at_its_first_sub_word()
    {
        Encoding encoding = new TokenizedWords(Tokenizer, ["cat", "unaffable", "", "cat", "dog"]).Encode(16);
        CollectionAssert.AreEqual(new[] { Cls, Cat, Un, Aff, Able, Cat, Unknown, Sep }, encoding.Ids);
        CollectionAssert.AreEqual(new[] { 1, 2, -1, 5, 6 }, encoding.WordTokens);
    }

    /// <summary>As a tokenizer of Hugging Face cuts: by tokens, so that a word may keep some of its own.</summary>
    [TestMethod]
    public void Words_beyond_the_maximum_length_have_no_token()
    {
        Encoding encoding = new TokenizedWords(Tokenizer, ["cat", "unaffable", "cat"]).Encode(5);
        CollectionAssert.AreEqual(new[] { Cls, Cat, Un, Aff, Sep }, encoding.Ids);
        CollectionAssert.AreEqual(new[] { 1, 2, -1 }, encoding.WordTokens);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TokenizedWords(Tokenizer, ["cat"]).Encode(2));
    }

    [TestMethod]
    public void Windows_overlap_and_each_word_is_in_the_one_that_cuts_its_context_least()
    {
        // Room for four: windows at words 0, 2 and 4.
        List<Encoding> windows = new TokenizedWords(Tokenizer, [.. Enumerable.Repeat("cat", 8)]).Windows(6);
        Assert.HasCount(3, windows);
        CollectionAssert.AreEqual(new[] { 1, 2, 3, -1, -1, -1, -1, -1 }, windows[0].WordTokens);
        CollectionAssert.AreEqual(new[] { -1, -1, -1, 2, 3, -1, -1, -1 }, windows[1].WordTokens);
        CollectionAssert.AreEqual(new[] { -1, -1, -1, -1, -1, 2, 3, 4 }, windows[2].WordTokens);
        Assert.HasCount(1, new TokenizedWords(Tokenizer, []).Windows(6));
    }

    [TestMethod]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    [DataRow(9)]
    [DataRow(30)]
    public void Every_word_that_has_tokens_is_in_exactly_one_window(int maxLength)
    {
        var random = new Random(maxLength);
        string[] words = [.. Enumerable.Range(0, 40).Select(_ => new[] { "cat", "unaffable", "", "unaffableaffableaffable" }[random.Next(4)])];
        List<Encoding> windows = new TokenizedWords(Tokenizer, words).Windows(maxLength);
        for (int word = 0; word < words.Length; word++)
        {
            Encoding[] at = [.. windows.Where(window => window.WordTokens![word] >= 0)];
            Assert.HasCount(words[word].Length == 0 ? 0 : 1, at);
            if (at.Length == 1)
                Assert.AreEqual(words[word] == "cat" ? Cat : Un, at[0].Ids[at[0].WordTokens![word]]);
        }
        Assert.IsTrue(windows.All(window => window.Ids.Length <= maxLength));
    }

    /// <summary>Byte-level BPE has other tokens for a word after a space; a word among others has those, the first one too.</summary>
    [TestMethod]
    [DataRow("""{}""")]
    [DataRow("""{"add_prefix_space": true}""")]
    public void A_word_of_byte_level_bpe_stands_after_a_space(string configuration)
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(
            ("vocab.json", """{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"a":4,"\u0120":5,"\u0120a":6}"""), ("merges.txt", "#version: 0.2\n\u0120 a\n"), ("tokenizer_config.json", configuration));
        Encoding encoding = new TokenizedWords(tokenizer, ["a", "", "aa", " a"]).Encode(16);
        CollectionAssert.AreEqual(new[] { 0, 6, 6, 4, 6, 2 }, encoding.Ids);
        CollectionAssert.AreEqual(new[] { 1, -1, 2, 4 }, encoding.WordTokens);
    }

    [TestMethod]
    public void A_word_of_sentence_piece_has_the_mark_of_a_beginning()
    {
        SentencePieceModelBuilder model = new SentencePieceModelBuilder { Ids = (3, 1, 2, 0) }.Add("[PAD]", kind: 3).Add("[CLS]", kind: 3).Add("[SEP]", kind: 3).Add("[UNK]", kind: 2).Add("\u2581a", -1).Add("a", -2);
        TextTokenizer tokenizer = TextTokenizer.Load(new Dictionary<string, byte[]> { ["spm.model"] = model.Build() }, "memory");
        Encoding encoding = new TokenizedWords(tokenizer, ["a", "aa", "a"]).Encode(16);
        CollectionAssert.AreEqual(tokenizer.Encode("a aa a", null, 16, Truncation.Head).Ids, encoding.Ids);
        CollectionAssert.AreEqual(new[] { 1, 2, 4 }, encoding.WordTokens);
    }
}
