using System.Runtime.InteropServices;

namespace MLNet.FineTune.Tokenization;

/// <summary>Counts the words of texts, split as the WordPiece tokenizer splits them.</summary>
internal sealed class WordCounter(BertNormalization normalization)
{
    private readonly BertWordSplitter _splitter = new(normalization);
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly AlignedText _word = new();

    /// <summary>How often each word occurred.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Add(string text)
    {
        var sink = new Sink(_counts.GetAlternateLookup<ReadOnlySpan<char>>());
        _splitter.Split(text, 0, text.Length, _word, ref sink);
    }

    private readonly struct Sink(Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> counts) : IWordSink
    {
        public void Accept(AlignedText word) => CollectionsMarshal.GetValueRefOrAddDefault(counts, word.Chars, out _)++;
    }
}
