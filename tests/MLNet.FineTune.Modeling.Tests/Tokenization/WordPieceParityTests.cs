using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

[TestClass]
public class WordPieceParityTests
{
    [TestMethod]
    public void Equals_Hugging_Face_on_every_reference_text()
    {
        TextTokenizer tokenizer = TextTokenizer.Load(BertFixture.Directory());
        List<BertFixture.Line> lines = BertFixture.Lines();
        Assert.HasCount(245, lines);
        foreach (BertFixture.Line line in lines)
        {
            Encoding encoding = tokenizer.Encode(line.Text, line.Pair, line.MaxLength, Truncation.LongestFirst);
            CollectionAssert.AreEqual(line.InputIds, encoding.Ids, $"ids of '{line.Text}' / '{line.Pair}'");
            CollectionAssert.AreEqual(line.TokenTypeIds, encoding.TypeIds, $"types of '{line.Text}' / '{line.Pair}'");
        }
    }

    [TestMethod]
    public void Spans_name_the_text_that_a_token_spells()
    {
        TextTokenizer tokenizer = TextTokenizer.Load(BertFixture.Directory());
        string[] vocabulary = File.ReadAllLines(Path.Combine(BertFixture.Directory(), "vocab.txt"));
        int compared = 0;
        foreach (BertFixture.Line line in BertFixture.Lines())
        {
            OffsetEncoding result = tokenizer.EncodeWithOffsets(line.Text, line.Pair, line.MaxLength, Truncation.LongestFirst);
            CollectionAssert.AreEqual(line.InputIds, result.Encoding.Ids);
            Assert.HasCount(line.InputIds.Length, result.Spans);
            for (int at = 0; at < result.Spans.Length; at++)
            {
                TokenSpan span = result.Spans[at];
                int id = result.Encoding.Ids[at];
                if (span.Segment < 0)
                {
                    Assert.IsTrue(id == tokenizer.ClsId || id == tokenizer.SepId);
                    continue;
                }
                string surface = (span.Segment == 0 ? line.Text : line.Pair!).Substring(span.Start, span.Length);
                if (id == tokenizer.UnkId)
                    continue;
                string spelled = vocabulary[id].StartsWith("##", StringComparison.Ordinal) ? vocabulary[id][2..] : vocabulary[id];
                // Where a syllable is split between tokens, each of them covers the whole syllable.
                bool shared = at > 0 && result.Spans[at - 1] is var before && before.Segment == span.Segment && before.Start + before.Length > span.Start
                    || at + 1 < result.Spans.Length && result.Spans[at + 1] is var after && after.Segment == span.Segment && after.Start < span.Start + span.Length;
                string normal = Normal(surface);
                Assert.IsTrue(shared ? normal.Contains(spelled, StringComparison.Ordinal) : normal == spelled || surface == spelled, $"'{surface}' is not '{spelled}' in '{line.Text}' / '{line.Pair}'");
                compared++;
            }
        }
        Assert.IsGreaterThan(3000, compared);
    }

    private static string Normal(string surface)
    {
        var words = new List<string>();
        var sink = new Words(words);
        new BertWordSplitter(new BertNormalization()).Split(surface, 0, surface.Length, new AlignedText(), ref sink);
        return string.Concat(words);
    }

    private readonly struct Words(List<string> words) : IWordSink
    {
        public void Accept(AlignedText word) => words.Add(word.Chars.ToString());
    }
}
