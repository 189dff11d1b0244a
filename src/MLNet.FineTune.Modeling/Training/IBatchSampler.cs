namespace MLNet.FineTune.Training;

/// <summary>Decides which rows meet in a batch, and in which order. The same (seed, epoch) gives the same batches.</summary>
internal interface IBatchSampler
{
    /// <summary>How many batches an epoch has; the same in every epoch.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>The row numbers of each batch of an epoch, counted from zero.</summary>
    IEnumerable<int[]> Batches(int epoch);
}
