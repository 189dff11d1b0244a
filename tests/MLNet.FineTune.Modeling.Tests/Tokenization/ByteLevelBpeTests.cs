using System.Text.Json;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public class ByteLevelBpeTests
{
    private static readonly string[] Learned =
    [
        "the cat sat on the mat and the cats' hats, isn't it? I'll say they've", "hello hello world worlds 2024 2025  double  spaces\n\nlines",
        "naïve café über straße 中文字符 日本語", "they're here; there's more: e-mail@example.org!!! ???",
    ];

    private static readonly NaiveByteLevelBpe Naive = new(Learned, 120);
    private static readonly TextTokenizer Tokenizer = TinyVocabulary.Load(("vocab.json", VocabularyJson()), ("merges.txt", "#version: 0.2\n" + string.Join('\n', Naive.Merges) + "\n"));

    private static readonly string[] Texts =
    [
        .. Learned, "", " ", "   ", "a", " leading and trailing ", "\t tab\tand\r\nline ", "I'M don't DON'T 'tis 's", "x  y   z", "no\u00A0break\u2003em", "½ ² Ⅳ ٣", "emoji 😀 👩‍👩‍👧 🇩🇪", "control\u0007", "e\u0301",
        "the <mask-like> thing", "....!!!", "a1b2c3 3d",
    ];

    private static string VocabularyJson() => JsonSerializer.Serialize(Naive.Vocabulary.Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id));

    private static string[] Tokens(TextTokenizer tokenizer, string text) => [.. tokenizer.Tokenize(text).Select(token => Naive.Vocabulary[token.Id])];

    [TestMethod]
    public void Equals_a_naive_implementation()
    {
        foreach (string text in Texts.Concat(RandomTexts(300)))
            CollectionAssert.AreEqual(Naive.Tokenize(text), Tokens(Tokenizer, text), $"'{text}'");
    }

    private static IEnumerable<string> RandomTexts(int count)
    {
        var random = new Random(7);
        string[] parts = ["the", "cat", " ", "  ", "'", "'s", "'ll", "é", "中", "1", "22", "!", "\n", "\t", "he", "llo", "s", "\u2003", "日本", ".", "Th"];
        for (int i = 0; i < count; i++)
            yield return string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => parts[random.Next(parts.Length)]));
    }

    [TestMethod]
    public void Letters_beyond_the_basic_plane_are_letters()
    {
        Assert.AreEqual(5, Gpt2Splitter.Next(" 𝒳𝒳!", 0, 6));
        Assert.AreEqual(5, Gpt2Splitter.Next("a𝒳𝒳!", 0, 6));
    }

    [TestMethod]
    public void Pairs_have_two_separators_and_no_types()
    {
        OffsetEncoding result = Tokenizer.EncodeWithOffsets("the cat", "the mat", 32, Truncation.LongestFirst);
        int[] first = [.. Tokenizer.Tokenize("the cat").Select(token => token.Id)], second = [.. Tokenizer.Tokenize("the mat").Select(token => token.Id)];
        CollectionAssert.AreEqual((int[])[0, .. first, 2, 2, .. second, 2], result.Encoding.Ids);
        CollectionAssert.AreEqual(new int[result.Encoding.Ids.Length], result.Encoding.TypeIds);
        Assert.AreEqual((1, 0, 2, 3, Naive.Vocabulary.Count - 1), (Tokenizer.PadId, Tokenizer.ClsId, Tokenizer.SepId, Tokenizer.UnkId, Tokenizer.MaskId));
        Assert.AreEqual(Naive.Vocabulary.Count, Tokenizer.VocabularySize);
        Assert.IsFalse(Tokenizer.PairsUseTokenTypes);
    }

    [TestMethod]
    public void The_mask_swallows_the_space_before_it_only()
    {
        string[] tokens = Tokens(Tokenizer, "the <mask> cat");
        CollectionAssert.AreEqual((string[])[.. Naive.Tokenize("the"), "<mask>", .. Naive.Tokenize(" cat")], tokens);
    }

    [TestMethod]
    public void A_prefix_space_is_as_if_a_space_stood_before_the_text()
    {
        TextTokenizer prefixed = TextTokenizer.Load(new Dictionary<string, byte[]>(Tokenizer.Files) { ["tokenizer_config.json"] = TinyVocabulary.Utf8("""{"add_prefix_space": true}""") }, "memory");
        foreach (string text in Texts.Where(text => text.Length > 0))
            CollectionAssert.AreEqual(Naive.Tokenize(text[0] == ' ' ? text : " " + text), Tokens(prefixed, text), $"'{text}'");
        Assert.AreEqual(0, prefixed.Tokenize("the")[0].Start);
    }

    [TestMethod]
    public void Spans_name_the_bytes_that_a_token_spells()
    {
        foreach (string text in Texts)
        {
            int at = 0;
            foreach (Token token in Tokenizer.Tokenize(text))
            {
                string surface = text[token.Start..token.End];
                string spelled = string.Concat(Naive.Vocabulary[token.Id].Where(character => !"ĠĊĉč".Contains(character, StringComparison.Ordinal)));
                // The stand-ins of the text's bytes contain those of the token: they are equal unless a character is split between tokens.
                Assert.Contains(spelled, string.Concat(Naive.Tokenize(surface)), $"'{surface}' in '{text}'");
                Assert.IsGreaterThanOrEqualTo(at, token.Start);
                Assert.IsGreaterThan(token.Start, token.End);
                if (surface.Length > 1)
                    Assert.IsFalse(surface[0] == ' ' && surface[^1] != ' ', $"'{surface}' begins with a space");
                at = token.Start;
            }
        }
    }

    private static string Json(object merges) => JsonSerializer.Serialize(new
    {
        normalizer = (object?)null,
        pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true },
        post_processor = new { type = "RobertaProcessing", sep = new object[] { "</s>", 2 }, cls = new object[] { "<s>", 0 }, trim_offsets = true, add_prefix_space = false },
        added_tokens = new[] { new { id = Naive.Vocabulary.Count - 1, content = "<mask>", lstrip = true } },
        model = new { type = "BPE", vocab = JsonDocument.Parse(VocabularyJson()).RootElement, merges },
    });

    [TestMethod]
    public void A_checkpoint_without_a_class_of_its_own_is_read_from_tokenizer_json()
    {
        // The vocabulary beside it is not even looked at.
        TextTokenizer tokenizer = TinyVocabulary.Load(("tokenizer.json", Json(Naive.Merges.ToArray())), ("vocab.json", "{"), ("merges.txt", ""), ("tokenizer_config.json", """{"tokenizer_class": "PreTrainedTokenizerFast"}"""));
        CollectionAssert.AreEqual(Naive.Tokenize("the cat"), Tokens(tokenizer, "the cat"));
    }

    [TestMethod]
    public void Reads_tokenizer_json_alone_with_merges_of_either_form()
    {
        foreach (object merges in (object[])[Naive.Merges.ToArray(), Naive.Merges.Select(merge => merge.Split(' ')).ToArray()])
        {
            TextTokenizer tokenizer = TinyVocabulary.Load(("tokenizer.json", Json(merges)));
            foreach (string text in Texts.Append("the <mask> cat"))
                CollectionAssert.AreEqual(Tokenizer.Encode(text, "a", 64, Truncation.Tail).Ids, tokenizer.Encode(text, "a", 64, Truncation.Tail).Ids, $"'{text}'");
        }
    }

    [TestMethod]
    public void A_byte_that_the_vocabulary_lacks_is_unknown()
    {
        TextTokenizer tokenizer = TinyVocabulary.Load(("vocab.json", """{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"a":4,"b":5,"ab":6}"""), ("merges.txt", "#version: 0.2\na b\n"));
        CollectionAssert.AreEqual(new[] { 6, 3, 4 }, tokenizer.Tokenize("abza").Select(token => token.Id).ToArray());
        Assert.IsNull(tokenizer.MaskId);
    }
}
