using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Tokenization;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class CompanionStoreTests
{
    [TestMethod]
    public void Has_the_same_sentences_under_the_same_numbers()
    {
        TextTokenizer letters = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert([.. "abcdefghijklmnopqrstuvwxyz.".Select(c => $"{c}"), .. "abcdefghijklmnopqrstuvwxyz".Select(c => $"##{c}")])));
        List<CorpusText> texts = TinyCorpus.Create(1, 100);
        using var folder = new TemporaryFolder();
        TokenStoreDescription description = TokenStoreWriter.Write(
            folder.Path, texts, TinyCorpus.Tokenizer, lowerCase: false, companion: new TokenStoreCompanion(folder.File("second"), letters, LowerCase: true));
        using TokenStore first = TokenStore.Open(folder.Path), second = TokenStore.Open(folder.File("second"));
        using var alone = new TemporaryFolder();
        Assert.AreEqual(TokenStoreWriter.Write(alone.Path, texts, TinyCorpus.Tokenizer, lowerCase: false).Digest, description.Digest, "the first is the same as without a second");
        Assert.AreEqual(first.SentenceCount, second.SentenceCount);
        string[] firstTokens = Names(TinyCorpus.Tokenizer), secondTokens = Names(letters);
        for (int i = 0; i < first.SentenceCount; i++)
        {
            Assert.AreEqual(first[i].Mark, second[i].Mark);
            Assert.AreEqual(first[i].Source, second[i].Source);
            Assert.AreEqual(Spell(first.Ids(i), firstTokens), Spell(second.Ids(i), secondTokens));
        }
    }

    /// <summary>A sentence that the other tokenizer makes nothing of keeps its number.</summary>
    [TestMethod]
    public void A_sentence_without_tokens_there_stays()
    {
        // To a tokenizer that cleans texts, a control character is nothing; to one of bytes it is a token.
        TextTokenizer bytes = TinyVocabulary.Load(
            ("vocab.json", "{" + string.Join(',', new[] { "<s>", "<pad>", "</s>", "<unk>", "<mask>" }.Concat(ByteCharacters()).Select((token, id) => $"{System.Text.Json.JsonSerializer.Serialize(token)}:{id}")) + "}"),
            ("merges.txt", "#version: 0.2\n"));
        using var folder = new TemporaryFolder();
        TokenStoreWriter.Write(folder.Path, [new CorpusText("red car"), new CorpusText("\u0001"), new CorpusText("blue")], bytes, lowerCase: false,
            companion: new TokenStoreCompanion(folder.File("second"), TinyCorpus.Tokenizer, LowerCase: false));
        using TokenStore first = TokenStore.Open(folder.Path), second = TokenStore.Open(folder.File("second"));
        Assert.AreEqual(3, first.SentenceCount);
        CollectionAssert.AreEqual((int[])[2, 0, 1], Enumerable.Range(0, 3).Select(i => second[i].Length).ToArray());
        var reader = new PassageReader(second, TinyCorpus.Tokenizer, 10);
        Assert.HasCount(2, reader.Read(new Passage(1, 1)).Ids);
    }

    private static IEnumerable<string> ByteCharacters() => Enumerable.Range(0, 256)
        .Select((value, _) => value).Select(value => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? ((char)value).ToString() : null)
        .Aggregate((Next: 256, All: new List<string>()), (state, character) => character is null
            ? (state.Next + 1, [.. state.All, ((char)state.Next).ToString()])
            : (state.Next, [.. state.All, character])).All;

    private static string[] Names(TextTokenizer tokenizer) => System.Text.Encoding.UTF8.GetString(tokenizer.Files["vocab.txt"]).Split('\n');

    private static string Spell(int[] ids, string[] names) => string.Concat(ids.Select(id => names[id].Replace("##", "", StringComparison.Ordinal)));
}
