namespace MLNet.FineTune.Training;

/// <summary>Shuffled batches of rows of similar length, so that little of a batch is padding.</summary>
/// <remarks>
/// Rows are shuffled, then sorted by length inside windows of many batches, cut into batches, and the batches are
/// shuffled. A window is a quarter of the data at most, so that the company a row keeps changes from epoch to epoch.
/// </remarks>
internal sealed class LengthBucketedSampler : IBatchSampler
{
    private const int BatchesPerWindow = 50;

    private readonly int[] _lengths;
    private readonly int _batchSize;
    private readonly int _seed;

    /// <summary>Creates the sampler.</summary>
    /// <param name="lengths">The length of each row, in tokens.</param>
    /// <param name="batchSize">Rows a batch; the last of an epoch may be smaller.</param>
    /// <param name="seed">Decides the order, with the epoch.</param>
    public LengthBucketedSampler(int[] lengths, int batchSize, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfZero(lengths.Length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (_lengths, _batchSize, _seed) = (lengths, batchSize, seed);
    }

    public int BatchesPerEpoch => (_lengths.Length + _batchSize - 1) / _batchSize;

    public IEnumerable<int[]> Batches(int epoch)
    {
        Random random = SeededRandom.Create(_seed, epoch);
        int[] rows = [.. Enumerable.Range(0, _lengths.Length)];
        random.Shuffle(rows);

        int window = _batchSize * Math.Clamp(BatchesPerEpoch / 4, 1, BatchesPerWindow);
        int[][] batches = [.. rows.Chunk(window).SelectMany(chunk => chunk.OrderBy(row => _lengths[row])).Chunk(_batchSize)];
        random.Shuffle(batches);
        return batches;
    }
}
