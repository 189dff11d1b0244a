using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Tokenization;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Pretraining;

/// <summary>Corpora of invented words, with and without headings, and a tokenizer that spells all of them.</summary>
internal static class TinyCorpus
{
    private static readonly string[] Words = ["red", "green", "blue", "car", "house", "street", "walk", "##ing", "##s", "old", "new", "a", "b", "c", "##a", "##b", "##c"];

    public static TextTokenizer Tokenizer { get; } = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert([.. Words, "."])));

    /// <summary>Documents of paragraphs of sentences; some paragraphs empty, some under headings, one heading of nothing.</summary>
    public static List<CorpusText> Create(int seed, int documents)
    {
        var random = new Random(seed);
        var texts = new List<CorpusText>();
        for (int document = 0; document < documents; document++)
        {
            string? heading = null;
            int paragraphs = random.Next(1, 6);
            for (int paragraph = 0; paragraph < paragraphs; paragraph++)
            {
                heading = random.Next(4) switch { 0 => null, 1 => heading, 2 => $"{Sentence(random, 1, 3)} {Name(texts.Count)}", _ => random.Next(4) == 0 ? " " : heading };
                string text = string.Join(' ', Enumerable.Range(0, random.Next(0, 5)).Select(_ => Sentence(random, 4, 40) + "."));
                texts.Add(new CorpusText(text, random.Next(8) == 0 ? null : $"document {document}", heading, $"source {document % 3}"));
            }
        }
        return texts;
    }

    /// <summary>A sentence that begins as one, of words which may have two tokens.</summary>
    private static string Sentence(Random random, int least, int most)
    {
        string sentence = string.Join(' ', Enumerable.Range(0, random.Next(least, most)).Select(_ => random.Next(6) switch
        {
            0 => "walking",
            1 => "cars",
            2 => "abc"[random.Next(3)..] + "a",
            _ => Words[random.Next(7)],
        }));
        return char.ToUpperInvariant(sentence[0]) + sentence[1..];
    }

    /// <summary>A different word for every number, spelt with a, b and c.</summary>
    private static string Name(int number) => number == 0 ? "a" : string.Concat(Convert.ToString(number, 2).Select(digit => digit == '0' ? 'b' : 'c'));

    /// <summary>Writes and opens a store.</summary>
    public static TokenStore Store(TemporaryFolder folder, IEnumerable<CorpusText> texts, TextTokenizer? tokenizer = null)
    {
        TokenStoreWriter.Write(folder.Path, texts, tokenizer ?? Tokenizer, lowerCase: false);
        return TokenStore.Open(folder.Path);
    }

    /// <summary>The ids of a stored sentence, without marks.</summary>
    public static int[] Ids(this TokenStore store, int sentence) => [.. store.Tokens(sentence).ToArray().Select(token => token & ~TokenStore.Continues)];
}
