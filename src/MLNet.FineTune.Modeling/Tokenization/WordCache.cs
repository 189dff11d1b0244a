using System.Collections.Concurrent;

namespace MLNet.FineTune.Tokenization;

/// <summary>A piece of a word: its id and its range of characters within the word.</summary>
internal readonly record struct Piece(int Id, int Start, int End);

/// <summary>Remembers the pieces of words already segmented: text repeats its words, and segmenting is the slow part.</summary>
/// <remarks>Thread-safe. Once full it stays as it is; the frequent words have come by then.</remarks>
internal sealed class WordCache
{
    private const int Capacity = 1 << 16;
    private const int LongestWord = 64;

    private readonly Func<string, Piece[]> _segment;
    private readonly ConcurrentDictionary<string, Piece[]> _words = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Piece[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private int _count;

    /// <param name="segment">Splits a word into pieces; called from many threads.</param>
    public WordCache(Func<string, Piece[]> segment)
    {
        _segment = segment;
        _lookup = _words.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The pieces of <paramref name="word"/>.</summary>
    public Piece[] Get(ReadOnlySpan<char> word)
    {
        if (_lookup.TryGetValue(word, out Piece[]? pieces))
            return pieces;
        string key = word.ToString();
        pieces = _segment(key);
        if (key.Length <= LongestWord && Volatile.Read(ref _count) < Capacity && _words.TryAdd(key, pieces))
            Interlocked.Increment(ref _count);
        return pieces;
    }
}
