using MLNet.FineTune.Training;

namespace MLNet.FineTune.Contrastive;

/// <summary>Steps of some texts of each of some classes: classes take turns in shuffled rounds, and so do the texts of each.</summary>
/// <remarks>
/// Every text of a step is the anchor of its pairs with all others. The mean loss with those like it and the mean loss with
/// those unlike it count the same: what is expected of a step is what is expected of one pair of a random text with a
/// random one of its class and one pair with a random one of another class.
/// </remarks>
internal sealed class ClassPlan : PairPlan
{
    private readonly int[][] _groups;
    private readonly int _textsPerClass;
    private readonly int _batchSize;
    private readonly int _seed;

    /// <param name="relation">The texts.</param>
    /// <param name="textsPerClass">Texts a class in a step; more where the classes are too few to fill it.</param>
    /// <param name="batchSize">Most texts a step; 3 at least.</param>
    /// <param name="pairs">Pairs an epoch, half of them alike.</param>
    /// <param name="seed">Decides, with the epoch, which texts meet.</param>
    public ClassPlan(LabelRelation relation, int textsPerClass, int batchSize, long pairs, int seed)
    {
        // Texts of no class stand alone: each is a class of one, and they take turns as one class does.
        _groups = [.. relation.Members.Where(members => members.Length > 0), .. relation.Unlabelled.Length > 0 ? new[] { relation.Unlabelled } : []];
        // Fewer than three texts are all alike or all unlike: a step would only pull, or only push.
        _batchSize = Math.Min(Math.Max(batchSize, 3), relation.Count);
        int largest = _groups.Max(group => group.Length), most = Math.Max(2, _batchSize / Math.Min(2, _groups.Length));
        _textsPerClass = Math.Clamp(Math.Max(textsPerClass, (_batchSize + _groups.Length - 1) / _groups.Length), 1, Math.Min(most, largest));
        _seed = seed;

        double classes = Math.Min(_groups.Length, Math.Ceiling((double)_batchSize / _textsPerClass));
        int[] taken = [.. relation.Members.Where(members => members.Length > 0).Select(members => Math.Min(_textsPerClass, members.Length))];
        double alike = classes * taken.Select(n => n * (n - 1) / 2.0).DefaultIfEmpty(0).Average();
        // Where no two texts are alike, there are only pairs that are not.
        double counted = alike > 0 ? alike : _batchSize * (_batchSize - 1) / 2.0;
        BatchesPerEpoch = (int)Math.Clamp(Math.Ceiling(pairs / 2.0 / Math.Max(counted, 1)), 1, int.MaxValue);
    }

    public override int BatchesPerEpoch { get; }

    public override IEnumerable<int[]> Batches(int epoch)
    {
        Random random = SeededRandom.Create(_seed, epoch);
        var classes = new ShuffledRounds([.. Enumerable.Range(0, _groups.Length)], random);
        ShuffledRounds[] texts = [.. _groups.Select(group => new ShuffledRounds(group, random))];
        for (int step = 0; step < BatchesPerEpoch; step++)
        {
            var batch = new List<int>(_batchSize);
            int wanted = (_batchSize + _textsPerClass - 1) / _textsPerClass;
            foreach (int @class in classes.Take(wanted))
                batch.AddRange(texts[@class].Take(Math.Min(_textsPerClass, _batchSize - batch.Count)).Except(batch));
            yield return [.. batch];
        }
    }

    public override float[] Weights(int[] batch, bool[] alike)
    {
        int n = batch.Length;
        var like = new int[n];
        for (int i = 0; i < n; i++)
            like[i] = alike.AsSpan(i * n, n).Count(true) - 1;
        double anchors = like.Sum(count => (count > 0 ? 1.0 : 0) + (count < n - 1 ? 1.0 : 0));
        var weights = new float[n * n];
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                weights[i * n + j] = (float)((alike[i * n + j] ? 1.0 / like[i] + 1.0 / like[j] : 1.0 / (n - 1 - like[i]) + 1.0 / (n - 1 - like[j])) / anchors);
        return weights;
    }
}
