using MLNet.FineTune.Pretraining;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class PassageBuilderTests
{
    private const int Room = 46;

    private static readonly PassagePairs All = PassagePairs.Dropout | PassagePairs.Heading | PassagePairs.Neighbor;

    /// <summary>Runs a check on stores of several corpora.</summary>
    private static void OnCorpora(Action<TokenStore> check)
    {
        for (int seed = 1; seed <= 8; seed++)
        {
            using var folder = new TemporaryFolder();
            using TokenStore store = TinyCorpus.Store(folder, TinyCorpus.Create(seed, 60));
            check(store);
        }
    }

    private static int Tokens(TokenStore store, Passage passage) => Sentences(passage).Sum(sentence => store[sentence].Length);

    private static IEnumerable<int> Sentences(Passage passage) => Enumerable.Range(passage.First, passage.Count);

    /// <summary>The sentence with which the document of a sentence begins.</summary>
    private static int Document(TokenStore store, int sentence)
    {
        while (!store[sentence].Mark.HasFlag(SentenceMark.Document))
            sentence--;
        return sentence;
    }

    /// <summary>The heading that a sentence stands under: the nearest one above in its document, unless it is empty.</summary>
    private static int? Heading(TokenStore store, int sentence)
    {
        int document = Document(store, sentence);
        for (; sentence >= document; sentence--)
            if (store[sentence].Mark.HasFlag(SentenceMark.Heading))
                return store[sentence].Length > 0 ? sentence : null;
        return null;
    }

    [TestMethod]
    public void Packed_passages_hold_every_token_once_inside_documents_and_room() => OnCorpora(store =>
    {
        List<PassagePair> rows = new PassageBuilder(store, Room, new Random(1)).Packed();
        CollectionAssert.AreEqual(Enumerable.Range(0, store.SentenceCount).Where(sentence => store[sentence].Length > 0).ToArray(),
            rows.SelectMany(row => Sentences(row.Anchor)).Where(sentence => store[sentence].Length > 0).ToArray());
        for (int i = 0; i < rows.Count; i++)
        {
            Passage passage = rows[i].Anchor;
            Assert.AreEqual(0, rows[i].Positive.Count);
            Assert.AreEqual(store[passage.First].Source, rows[i].Source);
            Assert.AreEqual(1, Sentences(passage).Select(sentence => Document(store, sentence)).Distinct().Count());
            Assert.IsTrue(Tokens(store, passage) <= Room || Sentences(passage).Count(sentence => store[sentence].Length > 0) == 1);
            // Full: the next sentence of the document would not have fitted.
            if (i + 1 < rows.Count && rows[i + 1].Anchor.First is var next && Document(store, next) == Document(store, passage.First))
                Assert.IsGreaterThan(Room, Tokens(store, passage) + store[next].Length);
        }
    });

    [TestMethod]
    public void Dropout_pairs_hold_every_sentence_of_a_paragraph_once() => OnCorpora(store =>
    {
        List<PassagePair> rows = new PassageBuilder(store, Room, new Random(1)).Pairs(PassagePairs.Dropout);
        CollectionAssert.AreEqual(Enumerable.Range(0, store.SentenceCount).Where(sentence => !store[sentence].Mark.HasFlag(SentenceMark.Heading)).ToArray(),
            rows.SelectMany(row => Sentences(row.Anchor)).ToArray());
        foreach (PassagePair row in rows)
        {
            Assert.AreEqual(row.Anchor, row.Positive);
            Assert.IsTrue(row.Anchor.Count == 1 || Tokens(store, row.Anchor) <= Room);
            Assert.IsTrue(Sentences(row.Anchor).Skip(1).All(sentence => store[sentence].Mark == SentenceMark.None), "a passage stays inside its paragraph");
        }
        Assert.IsGreaterThan(1, rows.Select(row => row.Anchor.Count).Distinct().Count(), "lengths are mixed");
    });

    [TestMethod]
    public void Heading_pairs_are_each_paragraph_with_its_own_heading() => OnCorpora(store =>
    {
        List<PassagePair> rows = new PassageBuilder(store, Room, new Random(1)).Pairs(PassagePairs.Heading);
        foreach (PassagePair row in rows)
        {
            Assert.AreEqual(1, row.Anchor.Count);
            Assert.AreEqual(Heading(store, row.Positive.First), row.Anchor.First);
            Assert.IsFalse(store[row.Positive.First].Mark.HasFlag(SentenceMark.Heading));
        }
        CollectionAssert.AreEqual(
            Enumerable.Range(0, store.SentenceCount).Where(sentence => store[sentence].Mark.HasFlag(SentenceMark.Paragraph) && Heading(store, sentence) is not null).ToArray(),
            rows.Select(row => row.Positive.First).ToArray(), "one pair for each paragraph under a heading, from its beginning");
    });

    [TestMethod]
    public void Neighbours_follow_each_other_in_a_document_and_each_passage_is_in_one_pair() => OnCorpora(store =>
    {
        List<PassagePair> rows = new PassageBuilder(store, Room, new Random(1)).Pairs(PassagePairs.Neighbor);
        Assert.IsNotEmpty(rows);
        foreach (PassagePair row in rows)
        {
            Assert.AreEqual(Document(store, row.Anchor.First), Document(store, row.Positive.First));
            Assert.IsTrue(Enumerable.Range(row.Anchor.First + row.Anchor.Count, row.Positive.First - row.Anchor.First - row.Anchor.Count)
                .All(sentence => store[sentence].Mark.HasFlag(SentenceMark.Heading)), "nothing but headings lies between");
        }
        int[] sentences = [.. rows.SelectMany(row => Sentences(row.Anchor).Concat(Sentences(row.Positive)))];
        Assert.HasCount(sentences.Length, sentences.Distinct());
    });

    [TestMethod]
    public void Kinds_add_up_and_the_seed_decides()
    {
        using var folder = new TemporaryFolder();
        using TokenStore store = TinyCorpus.Store(folder, TinyCorpus.Create(1, 60));
        List<PassagePair> Build(PassagePairs kinds, int seed = 1) => new PassageBuilder(store, Room, new Random(seed)).Pairs(kinds);

        CollectionAssert.AreEqual(Build(All), Build(All));
        CollectionAssert.AreNotEqual(Build(All), Build(All, seed: 2));
        CollectionAssert.AreEquivalent(new[] { PassagePairs.Dropout, PassagePairs.Heading, PassagePairs.Neighbor }.SelectMany(kind => Build(kind)).ToList(), Build(All));
    }

    [TestMethod]
    public void The_reader_cuts_what_is_longer_and_puts_special_tokens_around()
    {
        using var folder = new TemporaryFolder();
        using TokenStore store = TinyCorpus.Store(folder, [new CorpusText("red walking house car street. Blue car red green house cars.")]);
        var reader = new PassageReader(store, TinyCorpus.Tokenizer, 10);
        int[] all = [.. store.Ids(0), .. store.Ids(1)];
        PassageTokens read = reader.Read(new Passage(0, 2));
        CollectionAssert.AreEqual((int[])[TinyCorpus.Tokenizer.ClsId, .. all[..8], TinyCorpus.Tokenizer.SepId], read.Ids);
        Assert.AreEqual(read.Ids.Length, reader.Length(new Passage(0, 2)));
        CollectionAssert.AreEqual((int[])[3], Enumerable.Range(0, 10).Where(i => read.Continues[i]).ToArray(), "walk|ing");
        read = reader.Read(default);
        CollectionAssert.AreEqual((int[])[TinyCorpus.Tokenizer.ClsId, TinyCorpus.Tokenizer.SepId], read.Ids);
    }
}
