using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public class TokenizedCorpusTests
{
    private static readonly TextTokenizer Tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert("a", "b", "##a", "##b")));

    private static List<(string Text, string? Pair)> Texts(int count)
    {
        var random = new Random(3);
        string Text() => new([.. Enumerable.Range(0, random.Next(0, 30)).Select(_ => "ab  "[random.Next(4)])]);
        return [.. Enumerable.Range(0, count).Select(row => (Text(), row % 3 == 0 ? Text() : null))];
    }

    [TestMethod]
    public void Equals_encoding_one_by_one_in_order()
    {
        List<(string Text, string? Pair)> texts = Texts(2000);
        Encoding[] all = Tokenizer.EncodeAll(texts, 12, Truncation.HeadTail);
        Assert.HasCount(texts.Count, all);
        // A tokenizer of its own, so that what the first has cached does not answer.
        TextTokenizer other = TextTokenizer.Load(Tokenizer.Files, "memory");
        for (int row = 0; row < texts.Count; row++)
        {
            Encoding expected = other.Encode(texts[row].Text, texts[row].Pair, 12, Truncation.HeadTail);
            CollectionAssert.AreEqual(expected.Ids, all[row].Ids);
            CollectionAssert.AreEqual(expected.TypeIds, all[row].TypeIds);
        }
    }

    [TestMethod]
    public void Single_texts_of_one_length_share_their_types_and_pairs_do_not()
    {
        Encoding[] all = Tokenizer.EncodeAll([("the man", null), ("a cat", null), ("the", "man"), ("the", "cat")], 12, Truncation.Head);
        Assert.AreEqual(all[0].Ids.Length, all[1].Ids.Length);
        Assert.AreSame(all[0].TypeIds, all[1].TypeIds);
        Assert.AreNotSame(all[2].TypeIds, all[3].TypeIds);
        Assert.IsTrue(all[0].TypeIds.All(type => type == 0));
        Assert.AreEqual(1, all[2].TypeIds[^1]);
    }

    [TestMethod]
    public void Checks_its_input_before_it_begins()
    {
        Assert.Contains("row 1", Assert.ThrowsExactly<ArgumentException>(() => Tokenizer.EncodeAll([("a", null), (null!, null)], 8, Truncation.Head)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Tokenizer.EncodeAll([("a", null), ("a", "b")], 2, Truncation.Head));
        Assert.IsEmpty(Tokenizer.EncodeAll([], 8, Truncation.Head));
    }

    [TestMethod]
    public void Stops_when_cancelled() =>
        Assert.ThrowsExactly<OperationCanceledException>(() => Tokenizer.EncodeAll(Texts(10), 8, Truncation.Head, new CancellationToken(canceled: true)));
}
