namespace MLNet.FineTune.Training;

/// <summary>Shuffled batches of rows of similar length, so that little of a batch is padding.</summary>
/// <remarks>
/// Rows are shuffled, then sorted by length inside windows of many batches, cut into batches, and the batches are
/// shuffled. Small windows mix better, large ones pad less: 16 batches of 32 ordinary sentences hold 1.10 to 1.15 times the
/// real tokens, 8 hold 1.3 times, unsorted batches 2.7 times. A window is half of the data at most, so that the company
/// that a row keeps changes from epoch to epoch in small data too.
/// </remarks>
internal sealed class LengthBucketedSampler : IBatchSampler
{
    private const int BatchesPerWindow = 16;

    /// <summary>With groups a window is longer: it has to hold several batches of each group.</summary>
    private const int BatchesPerGroupedWindow = 64;

    private readonly int[] _lengths;
    private readonly int[]? _groups;
    private readonly int _batchSize;
    private readonly int _seed;

    /// <summary>Creates the sampler.</summary>
    /// <param name="lengths">The length of each row, in tokens.</param>
    /// <param name="batchSize">Rows a batch; the last of an epoch may be smaller.</param>
    /// <param name="seed">Decides the order, with the epoch.</param>
    /// <param name="groups">The group of each row: rows of one group come into a batch together as far as they go; null for one group.</param>
    public LengthBucketedSampler(int[] lengths, int batchSize, int seed, int[]? groups = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(lengths.Length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (_lengths, _groups, _batchSize, _seed) = (lengths, groups, batchSize, seed);
    }

    public int BatchesPerEpoch => (_lengths.Length + _batchSize - 1) / _batchSize;

    public IEnumerable<int[]> Batches(int epoch)
    {
        Random random = SeededRandom.Create(_seed, epoch);
        int[] rows = [.. Enumerable.Range(0, _lengths.Length)];
        random.Shuffle(rows);

        int window = _batchSize * Math.Clamp(BatchesPerEpoch / 2, 1, _groups is null ? BatchesPerWindow : BatchesPerGroupedWindow);
        int[][] batches = [.. rows.Chunk(window).SelectMany(chunk => chunk.OrderBy(row => _groups?[row] ?? 0).ThenBy(row => _lengths[row])).Chunk(_batchSize)];
        random.Shuffle(batches);
        return batches;
    }
}
