using MLNet.FineTune.Training;

namespace MLNet.FineTune.Contrastive;

/// <summary>Every pair once an epoch: texts are shuffled into blocks, and each two blocks meet in a step.</summary>
/// <remarks>
/// Pairs within a block would be met as often as the block has partners; each time they count as much less, so that every
/// pair counts one in sum. Which blocks meet when is computed from the step's number: the plan needs no memory beyond
/// one number a text.
/// </remarks>
internal sealed class TilePlan : PairPlan
{
    private readonly int _count;
    private readonly int _block;
    private readonly int _blocks;
    private readonly long _tiles;
    private readonly int _seed;

    /// <param name="count">How many texts.</param>
    /// <param name="batchSize">Most texts a step.</param>
    /// <param name="maxPairs">Most pairs an epoch; null for all.</param>
    /// <param name="seed">Decides, with the epoch, which texts are in a block and the order of the steps.</param>
    public TilePlan(int count, int batchSize, long? maxPairs, int seed)
    {
        (_count, _seed) = (count, seed);
        _block = count <= batchSize ? count : Math.Max(1, batchSize / 2);
        _blocks = (count + _block - 1) / _block;
        _tiles = _blocks == 1 ? 1 : (long)_blocks * (_blocks - 1) / 2;
        long all = (long)count * (count - 1) / 2;
        double share = maxPairs is { } most && most < all ? (double)most / all : 1;
        BatchesPerEpoch = (int)Math.Clamp(Math.Ceiling(_tiles * share), 1, int.MaxValue);
    }

    public override int BatchesPerEpoch { get; }

    public override IEnumerable<int[]> Batches(int epoch)
    {
        Random random = SeededRandom.Create(_seed, epoch);
        int[] order = [.. Enumerable.Range(0, _count)];
        random.Shuffle(order);
        if (_blocks == 1)
        {
            yield return order;
            yield break;
        }
        // Steps of a length prime to the number of tiles visit each once, in an order that looks random.
        long tile = random.NextInt64(_tiles), stride = Stride(random);
        for (int step = 0; step < BatchesPerEpoch; step++, tile = (tile + stride) % _tiles)
        {
            (int first, int second) = Blocks(tile);
            yield return [.. Block(order, first), .. Block(order, second)];
        }
    }

    public override float[] Weights(int[] batch, bool[] alike)
    {
        int n = batch.Length;
        // The loss of a step is a mean over the pairs of an epoch, whatever the step's own number of them.
        double pair = (double)_tiles / ((long)_count * (_count - 1) / 2), within = pair / Math.Max(1, _blocks - 1);
        var weights = new float[n * n];
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                weights[i * n + j] = (float)(_blocks > 1 && i < _block && j >= _block ? pair : within);
        return weights;
    }

    /// <summary>The lower block, always a full one, first.</summary>
    private static (int First, int Second) Blocks(long tile)
    {
        long second = (long)((Math.Sqrt(8.0 * tile + 1) + 1) / 2);
        while (second * (second - 1) / 2 > tile)
            second--;
        while (second * (second + 1) / 2 <= tile)
            second++;
        return ((int)(tile - second * (second - 1) / 2), (int)second);
    }

    private Span<int> Block(int[] order, int block) => order.AsSpan(block * _block, Math.Min(_block, _count - block * _block));

    private long Stride(Random random)
    {
        if (_tiles < 3)
            return 1;
        long stride = random.NextInt64(1, _tiles);
        while (Gcd(stride, _tiles) != 1)
            stride = stride % (_tiles - 1) + 1;
        return stride;
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
