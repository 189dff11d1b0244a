using System.Runtime.InteropServices;

namespace MLNet.FineTune.Tokenization;

/// <summary>Merges the most frequent pair of adjacent symbols over counted words, again and again, keeping the pair counts up to date.</summary>
/// <remarks>
/// Ties go to the smaller left symbol, then the smaller right one. The heap holds, for every pair, at least one entry with no less than
/// its present count: an entry that says more is put back with the present count when it surfaces, so the top is exact.
/// </remarks>
internal sealed class PairMerger
{
    private readonly int[][] _words;
    private readonly int[] _lengths;
    private readonly long[] _frequencies;
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), List<int>> _places = [];
    private readonly PriorityQueue<((int Left, int Right) Pair, long Count), (long, int, int)> _heap = new();
    private readonly HashSet<(int, int)> _grown = [];

    /// <param name="words">Words as symbols; changed in place.</param>
    /// <param name="frequencies">How often each word occurs.</param>
    public PairMerger(int[][] words, long[] frequencies)
    {
        (_words, _frequencies) = (words, frequencies);
        _lengths = [.. words.Select(word => word.Length)];
        for (int word = 0; word < words.Length; word++)
            for (int at = 0; at + 1 < words[word].Length; at++)
                Increase(word, (words[word][at], words[word][at + 1]));
        OfferGrown();
    }

    /// <summary>The most frequent pair; false when none occurs at least <paramref name="minFrequency"/> times.</summary>
    public bool TryBest(long minFrequency, out (int Left, int Right) pair)
    {
        while (_heap.TryDequeue(out var entry, out _))
        {
            long count = _counts.GetValueOrDefault(entry.Pair);
            if (count == entry.Count && count >= minFrequency)
            {
                pair = entry.Pair;
                return true;
            }
            if (count >= minFrequency && count < entry.Count)
                Offer(entry.Pair, count);
        }
        pair = default;
        return false;
    }

    /// <summary>Replaces every occurrence of a pair by one symbol, from left to right.</summary>
    public void Merge((int Left, int Right) pair, int symbol)
    {
        if (!_places.Remove(pair, out List<int>? places))
            return;
        foreach (int word in places)
            MergeWord(word, pair, symbol);
        _counts.Remove(pair);
        OfferGrown();
    }

    private void MergeWord(int word, (int Left, int Right) pair, int symbol)
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
    }

    private void Increase(int word, (int, int) pair)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += _frequencies[word];
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
            if (_counts.TryGetValue(pair, out long count) && count > 0)
                Offer(pair, count);
        _grown.Clear();
    }

    private void Offer((int Left, int Right) pair, long count) => _heap.Enqueue((pair, count), (-count, pair.Left, pair.Right));
}
