using System.Runtime.InteropServices;

namespace MLNet.FineTune.Tokenization;

/// <summary>A <see cref="PairMerger"/> whose best pair has the highest count(ab) / (count(a) · count(b)); see <see cref="MergeCriterion.Likelihood"/>.</summary>
internal sealed class LikelihoodPairMerger : PairMerger
{
    private readonly Dictionary<int, long> _symbols = [];

    // A merge takes from the counts of two symbols and so raises the score of every other pair that has one of them. Made by
    // the base constructor's calls, before this class's own constructor runs: hence an initialiser.
    private readonly Dictionary<int, List<(int Left, int Right)>> _pairsOf = [];

    /// <inheritdoc/>
    public LikelihoodPairMerger(int[][] words, long[] frequencies, long minFrequency) : base(words, frequencies, minFrequency)
    {
        for (int word = 0; word < words.Length; word++)
            foreach (int symbol in words[word])
                CollectionsMarshal.GetValueRefOrAddDefault(_symbols, symbol, out _) += frequencies[word];
    }

    /// <summary>Equal fractions give equal numbers while the product of the symbols' counts is below 2⁵³, and always the same ones.</summary>
    protected override long Score((int Left, int Right) pair, long count) =>
        // The bits of positive numbers are in the order of the numbers.
        BitConverter.DoubleToInt64Bits(count / ((double)_symbols[pair.Left] * _symbols[pair.Right]));

    protected override void Merged((int Left, int Right) pair, int symbol, long times)
    {
        _symbols[pair.Left] -= times;
        _symbols[pair.Right] -= times;
        CollectionsMarshal.GetValueRefOrAddDefault(_symbols, symbol, out _) += times;
        OfferAll(pair.Left);
        if (pair.Right != pair.Left)
            OfferAll(pair.Right);
    }

    protected override void Appeared((int Left, int Right) pair)
    {
        Pairs(pair.Left).Add(pair);
        if (pair.Right != pair.Left)
            Pairs(pair.Right).Add(pair);
    }

    /// <summary>Offers all pairs of a symbol anew, and forgets those that no longer occur.</summary>
    private void OfferAll(int symbol) => Pairs(symbol).RemoveAll(pair => !Offer(pair));

    private List<(int Left, int Right)> Pairs(int symbol) => CollectionsMarshal.GetValueRefOrAddDefault(_pairsOf, symbol, out _) ??= [];
}
