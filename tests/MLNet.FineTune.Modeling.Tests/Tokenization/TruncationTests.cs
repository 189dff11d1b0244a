using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public class TruncationTests
{
    private static readonly string[] Letters = [.. Enumerable.Range('a', 26).Select(code => ((char)code).ToString())];
    private static readonly TextTokenizer Tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert(Letters)));

    private static string Kept(string text, string? pair, int maxLength, Truncation truncation) =>
        string.Concat(Tokenizer.Encode(text, pair, maxLength, truncation).Ids.Select(id => id switch { 2 => "^", 3 => "|", _ => Letters[id - 5] }));

    [TestMethod]
    [DataRow(Truncation.LongestFirst, "^abcdef|")]
    [DataRow(Truncation.Head, "^abcdef|")]
    [DataRow(Truncation.Tail, "^efghij|")]
    [DataRow(Truncation.HeadTail, "^abghij|")]
    public void A_single_text_keeps_what_was_asked_for(Truncation truncation, string expected) => Assert.AreEqual(expected, Kept("a b c d e f g h i j", null, 8, truncation));

    [TestMethod]
    [DataRow(Truncation.LongestFirst, "^ab|cdef|")]
    [DataRow(Truncation.Head, "^ab|cdef|")]
    [DataRow(Truncation.Tail, "^ab|ghij|")]
    [DataRow(Truncation.HeadTail, "^ab|chij|")]
    public void A_pair_shares_the_room_and_each_keeps_its_part(Truncation truncation, string expected) => Assert.AreEqual(expected, Kept("a b", "c d e f g h i j", 9, truncation));

    [TestMethod]
    public void Head_and_tail_of_510_are_128_and_382() => Assert.AreEqual(new Truncator.Kept(128, 382), Truncator.Keep(1000, 510, Truncation.HeadTail));

    [TestMethod]
    public void Shares_equal_taking_tokens_one_by_one_from_the_longer()
    {
        for (int first = 0; first <= 20; first++)
            for (int second = 0; second <= 20; second++)
                for (int room = 0; room <= 42; room++)
                {
                    (int a, int b) = (first, second);
                    while (a + b > room)
                        _ = a > b ? a-- : b--;
                    Assert.AreEqual((a, b), Truncator.Share(first, second, room), $"{first} and {second} in {room}");
                }
    }

    [TestMethod]
    public void No_room_beyond_the_special_tokens_gives_just_those_and_less_is_an_error()
    {
        Assert.AreEqual("^||", Kept("a", "b", 3, Truncation.Tail));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Kept("a", "b", 2, Truncation.Head));
        Assert.Contains("3 special tokens", error.Message);
    }

    [TestMethod]
    public void Spans_follow_what_was_kept()
    {
        OffsetEncoding result = Tokenizer.EncodeWithOffsets("a b", "c d e f g h i j", 9, Truncation.HeadTail);
        CollectionAssert.AreEqual(new[]
        {
            TokenSpan.Special, new(0, 0, 1), new(0, 2, 1), TokenSpan.Special, new(1, 0, 1), new(1, 10, 1), new(1, 12, 1), new(1, 14, 1), TokenSpan.Special,
        }, result.Spans);
    }
}
