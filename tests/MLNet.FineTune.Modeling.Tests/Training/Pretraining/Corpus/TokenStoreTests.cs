using System.Text.Json;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Tokenization;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class TokenStoreTests
{
    /// <summary>More paragraphs than are tokenised at once; what the store must hold is worked out from the texts one by one.</summary>
    [TestMethod]
    public void Holds_what_the_tokenizer_gives_in_order_with_marks()
    {
        List<CorpusText> texts = TinyCorpus.Create(1, 3000);
        Assert.IsGreaterThan(8192, texts.Count);
        var expected = new List<(int[] Ids, SentenceMark Mark, string Source)>();
        string? document = null;
        string heading = "";
        bool any = false;
        int paragraphs = 0;
        foreach (CorpusText text in texts)
        {
            int[][] sentences = [.. SentenceSplitter.Split(text.Text).Select(Ids).Where(ids => ids.Length > 0)];
            if (sentences.Length == 0)
                continue;
            paragraphs++;
            SentenceMark mark = SentenceMark.Paragraph;
            if (!any || text.Document is null || text.Document != document)
            {
                mark |= SentenceMark.Document;
                heading = "";
            }
            if ((text.Heading ?? "") != heading)
            {
                expected.Add((text.Heading is { Length: > 0 } title ? Ids(title) : [], SentenceMark.Heading | (mark & SentenceMark.Document), text.Source!));
                mark = SentenceMark.Paragraph;
            }
            (document, heading, any) = (text.Document, text.Heading ?? "", true);
            for (int i = 0; i < sentences.Length; i++)
                expected.Add((sentences[i], i == 0 ? mark : SentenceMark.None, text.Source!));
        }

        using var folder = new TemporaryFolder();
        using TokenStore store = TinyCorpus.Store(folder, texts);
        Assert.AreEqual(expected.Count, store.SentenceCount);
        Assert.AreEqual(paragraphs, store.Description.Paragraphs);
        Assert.AreEqual(expected.Sum(sentence => (long)sentence.Ids.Length), store.Description.Tokens);
        string[] sources = [.. expected.Select(sentence => sentence.Source).Distinct()];
        for (int i = 0; i < expected.Count; i++)
        {
            CollectionAssert.AreEqual(expected[i].Ids, store.Ids(i), $"sentence {i}");
            Assert.AreEqual(expected[i].Mark, store[i].Mark, $"sentence {i}");
            Assert.AreEqual(expected[i].Source, sources[store[i].Source], $"sentence {i}");
        }
        Assert.Contains(sentence => sentence.Ids.Length == 0, expected, "the case of an empty heading");

        static int[] Ids(string text) => [.. TinyCorpus.Tokenizer.Tokenize(text).Select(token => token.Id)];
    }

    [TestMethod]
    public void Marks_tokens_that_continue_a_word()
    {
        using var folder = new TemporaryFolder();
        using TokenStore store = TinyCorpus.Store(folder, [new CorpusText("walking cars. red")]);
        CollectionAssert.AreEqual((bool[])[false, true, false, true, false, false], store.Tokens(0).ToArray().Select(token => token < 0).ToArray());
    }

    [TestMethod]
    public void Lower_cases_on_request()
    {
        using var folder = new TemporaryFolder();
        TextTokenizer cased = TinyVocabulary.Load(
            ("vocab.txt", TinyVocabulary.Bert("red", "Red")), ("tokenizer_config.json", """{"do_lower_case":false}"""));
        TokenStoreWriter.Write(folder.Path, [new CorpusText("Red", Heading: "Red")], cased, lowerCase: true);
        using TokenStore store = TokenStore.Open(folder.Path);
        CollectionAssert.AreEqual((int[])[5], store.Ids(0));
        CollectionAssert.AreEqual((int[])[5], store.Ids(1));
    }

    [TestMethod]
    public void The_digest_follows_content_and_marks()
    {
        string Digest(params CorpusText[] texts)
        {
            using var folder = new TemporaryFolder();
            return TokenStoreWriter.Write(folder.Path, texts, TinyCorpus.Tokenizer, lowerCase: false).Digest;
        }

        CorpusText first = new("red car", "1"), second = new("blue car", "1");
        Assert.AreEqual(Digest(first, second), Digest(first, second));
        Assert.AreNotEqual(Digest(first, second), Digest(second, first));
        Assert.AreNotEqual(Digest(first, second), Digest(first, second with { Document = "2" }));
        Assert.AreNotEqual(Digest(first, second), Digest(first, second with { Source = "other" }));
    }

    [TestMethod]
    public void Texts_that_cannot_be_stored_leave_no_finished_store()
    {
        using var folder = new TemporaryFolder();
        using (TinyCorpus.Store(folder, [new CorpusText("red")]))
        {
            // A finished store stands in the way of the next.
        }
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => TokenStoreWriter.Write(folder.Path, [new CorpusText("red"), new CorpusText(null!, "third")], TinyCorpus.Tokenizer, lowerCase: false));
        StringAssert.Contains(e.Message, "'third' is null");
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => TokenStore.Open(folder.Path)).Message, "no finished token store");
        e = Assert.ThrowsExactly<ArgumentException>(() => TokenStoreWriter.Write(folder.Path, [new CorpusText(" "), new CorpusText("")], TinyCorpus.Tokenizer, lowerCase: false));
        StringAssert.Contains(e.Message, "no text to train on");
        e = Assert.ThrowsExactly<ArgumentException>(() => TokenStoreWriter.Write(
            folder.Path, Enumerable.Range(0, 70_000).Select(i => new CorpusText("red", Source: $"{i}")), TinyCorpus.Tokenizer, lowerCase: false));
        StringAssert.Contains(e.Message, "65536 sources");
        Assert.ThrowsExactly<TimeoutException>(() => TokenStoreWriter.Write(folder.Path, [new CorpusText("red")], TinyCorpus.Tokenizer, lowerCase: false, () => throw new TimeoutException()));
    }

    [TestMethod]
    [DataRow(TokenStore.TokensFile)]
    [DataRow(TokenStore.SentencesFile)]
    [DataRow(TokenStore.DescriptionFile)]
    public void A_missing_or_cut_file_is_named(string name)
    {
        using var folder = new TemporaryFolder();
        TinyCorpus.Store(folder, TinyCorpus.Create(1, 3)).Dispose();
        byte[] bytes = File.ReadAllBytes(folder.File(name));
        File.WriteAllBytes(folder.File(name), bytes[..^1]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TokenStore.Open(folder.Path)).Message, name);
        File.Delete(folder.File(name));
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => TokenStore.Open(folder.Path)).Message, name);
    }

    [TestMethod]
    [DataRow(0, 1L, DisplayName = "a start that skips a token")]
    [DataRow(0, long.MaxValue, DisplayName = "a start beyond all memory")]
    [DataRow(8, -1L, DisplayName = "a negative length")]
    [DataRow(8, (long)int.MaxValue, DisplayName = "a length beyond the tokens")]
    public void A_damaged_table_of_sentences_is_found_on_opening(int offset, long value)
    {
        using var folder = new TemporaryFolder();
        TinyCorpus.Store(folder, TinyCorpus.Create(1, 3)).Dispose();
        byte[] bytes = File.ReadAllBytes(folder.File(TokenStore.SentencesFile));
        BitConverter.GetBytes(value).AsSpan(0, offset == 0 ? 8 : 4).CopyTo(bytes.AsSpan(16 * 2 + offset)); // of the third sentence
        File.WriteAllBytes(folder.File(TokenStore.SentencesFile), bytes);
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => TokenStore.Open(folder.Path));
        StringAssert.Contains(e.Message, TokenStore.SentencesFile);
        StringAssert.Contains(e.Message, "sentence ");
    }

    [TestMethod]
    public void A_description_of_another_store_is_refused()
    {
        using var folder = new TemporaryFolder();
        TinyCorpus.Store(folder, TinyCorpus.Create(1, 3)).Dispose();
        var description = JsonSerializer.Deserialize<TokenStoreDescription>(File.ReadAllBytes(folder.File(TokenStore.DescriptionFile)))!;
        foreach (TokenStoreDescription other in new[] { description with { Tokens = description.Tokens + 1 }, description with { Sentences = -1 }, description with { Tokens = long.MaxValue } })
        {
            File.WriteAllBytes(folder.File(TokenStore.DescriptionFile), JsonSerializer.SerializeToUtf8Bytes(other));
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TokenStore.Open(folder.Path)).Message, "description says");
        }
    }
}
