using System.Runtime.InteropServices;

namespace MLNet.FineTune.Tokenization;

/// <summary>Merges the best pair of adjacent symbols over counted words, again and again, keeping the pair counts up to date. Here the best is the most frequent.</summary>
/// <remarks>
/// Ties go to the smaller left symbol, then the smaller right one. The heap holds, for every pair, at least one entry with no less than
/// its present score: an entry that says more is put back with the present score when it surfaces, so the top is exact.
/// </remarks>
internal class PairMerger
{
    private readonly int[][] _words;
    private readonly int[] _lengths;
    private readonly long[] _frequencies;
    private readonly long _minFrequency;
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), List<int>> _places = [];
    private readonly PriorityQueue<((int Left, int Right) Pair, long Score), (long, int, int)> _heap = new();
    private readonly HashSet<(int, int)> _grown = [];

    /// <param name="words">Words as symbols; changed in place.</param>
    /// <param name="frequencies">How often each word occurs.</param>
    /// <param name="minFrequency">A pair that occurs less often is not merged.</param>
    public PairMerger(int[][] words, long[] frequencies, long minFrequency)
    {
        (_words, _frequencies, _minFrequency) = (words, frequencies, minFrequency);
        _lengths = [.. words.Select(word => word.Length)];
        for (int word = 0; word < words.Length; word++)
            for (int at = 0; at + 1 < words[word].Length; at++)
                Increase(word, (words[word][at], words[word][at + 1]));
    }

    /// <summary>The best pair; false when none occurs often enough.</summary>
    public bool TryBest(out (int Left, int Right) pair)
    {
        OfferGrown();
        while (_heap.TryDequeue(out var entry, out _))
        {
            long count = _counts.GetValueOrDefault(entry.Pair);
            if (count < _minFrequency)
                continue;
            long score = Score(entry.Pair, count);
            if (score == entry.Score)
            {
                pair = entry.Pair;
                return true;
            }
            if (score < entry.Score)
                _heap.Enqueue((entry.Pair, score), (-score, entry.Pair.Left, entry.Pair.Right));
        }
        pair = default;
        return false;
    }

    /// <summary>Replaces every occurrence of a pair by one symbol, from left to right.</summary>
    public void Merge((int Left, int Right) pair, int symbol)
    {
        if (!_places.Remove(pair, out List<int>? places))
            return;
        long times = 0;
        foreach (int word in places)
            times += MergeWord(word, pair, symbol) * _frequencies[word];
        _counts.Remove(pair);
        Merged(pair, symbol, times);
    }

    /// <summary>What decides between pairs, 0 or more; the highest is merged first.</summary>
    protected virtual long Score((int Left, int Right) pair, long count) => count;

    /// <summary>Called when a pair became a symbol <paramref name="times"/> times.</summary>
    protected virtual void Merged((int Left, int Right) pair, int symbol, long times)
    {
    }

    /// <summary>Called when a pair begins to occur, for the first time or anew.</summary>
    protected virtual void Appeared((int Left, int Right) pair)
    {
    }

    /// <summary>Must be called for a pair whose score rose although its count did not.</summary>
    /// <returns>Whether the pair occurs.</returns>
    protected bool Offer((int Left, int Right) pair)
    {
        long count = _counts.GetValueOrDefault(pair);
        if (count >= _minFrequency)
        {
            long score = Score(pair, count);
            _heap.Enqueue((pair, score), (-score, pair.Left, pair.Right));
        }
        return count > 0;
    }

    private int MergeWord(int word, (int Left, int Right) pair, int symbol)
    {
        int[] symbols = _words[word];
        int length = _lengths[word], kept = 0;
        for (int at = 0; at < length; at++, kept++)
        {
            if (at + 1 >= length || symbols[at] != pair.Left || symbols[at + 1] != pair.Right)
            {
                symbols[kept] = symbols[at];
                continue;
            }
            // What stands left of the pair is already rewritten: its neighbour was the left symbol until now.
            if (kept > 0)
            {
                Decrease(word, (symbols[kept - 1], pair.Left));
                Increase(word, (symbols[kept - 1], symbol));
            }
            if (at + 2 < length)
            {
                Decrease(word, (pair.Right, symbols[at + 2]));
                Increase(word, (symbol, symbols[at + 2]));
            }
            symbols[kept] = symbol;
            at++;
        }
        _lengths[word] = kept;
        return length - kept;
    }

    private void Increase(int word, (int, int) pair)
    {
        ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _);
        if (count == 0)
            Appeared(pair);
        count += _frequencies[word];
        ref List<int>? places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
        places ??= [];
        if (places.Count == 0 || places[^1] != word)
            places.Add(word);
        _grown.Add(pair);
    }

    private void Decrease(int word, (int, int) pair) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) -= _frequencies[word];

    private void OfferGrown()
    {
        foreach ((int, int) pair in _grown)
            Offer(pair);
        _grown.Clear();
    }
}
