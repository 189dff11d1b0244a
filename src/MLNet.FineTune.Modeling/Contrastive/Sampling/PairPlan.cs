using MLNet.FineTune.Training;

namespace MLNet.FineTune.Contrastive;

/// <summary>Decides which texts meet in a step, and how much each of their pairs counts.</summary>
internal abstract class PairPlan : IBatchSampler
{
    public abstract int BatchesPerEpoch { get; }

    /// <summary>The different texts of each step.</summary>
    public abstract IEnumerable<int[]> Batches(int epoch);

    /// <summary>What the pairs of a step count. The loss of the step is the sum of the pairs' losses so weighted.</summary>
    /// <param name="batch">The texts, as <see cref="Batches"/> gave them.</param>
    /// <param name="alike">Which are alike, row-major [n, n].</param>
    /// <returns>Row-major [n, n], only above the diagonal.</returns>
    public abstract float[] Weights(int[] batch, bool[] alike);

    /// <param name="relation">The texts.</param>
    /// <param name="options">Which pairs.</param>
    /// <param name="batchSize">Most texts a step.</param>
    /// <param name="seed">Decides, with the epoch, which texts meet.</param>
    public static PairPlan Create(LabelRelation relation, PairSampling options, int batchSize, int seed) => options switch
    {
        { Iterations: { } iterations } => new ClassPlan(relation, options.TextsPerClass, batchSize, Cap(2L * iterations * Anchors(relation), options), seed),
        { Strategy: PairSamplingStrategy.Unique } => new TilePlan(relation.Count, batchSize, options.MaxPairs, seed),
        _ => new ClassPlan(relation, options.TextsPerClass, batchSize, Cap(Balanced(relation, options.Strategy), options), seed),
    };

    /// <summary>The texts that have pairs of both kinds; all where no text is like another.</summary>
    private static int Anchors(LabelRelation relation) => relation.WithLike is > 0 and var texts ? texts : relation.Count;

    private static long Balanced(LabelRelation relation, PairSamplingStrategy strategy)
    {
        long alike = relation.AlikePairs(), unlike = relation.AllPairs - alike;
        return Math.Max(2, 2 * (strategy == PairSamplingStrategy.Oversampling ? Math.Max(alike, unlike) : Math.Min(alike, unlike)));
    }

    private static long Cap(long pairs, PairSampling options) => Math.Min(pairs, options.MaxPairs ?? long.MaxValue);
}
