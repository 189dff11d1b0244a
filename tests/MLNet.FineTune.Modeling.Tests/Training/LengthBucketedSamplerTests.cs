using CsCheck;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class LengthBucketedSamplerTests
{
    [TestMethod]
    public void EveryRowComesExactlyOnceAnEpoch() =>
        Gen.Select(Gen.Int[1, 64].Array[1, 600], Gen.Int[1, 40], Gen.Int, Gen.Int[0, 1000]).Sample((lengths, batchSize, seed, epoch) =>
        {
            var sampler = new LengthBucketedSampler(lengths, batchSize, seed);
            int[][] batches = [.. sampler.Batches(epoch)];
            return batches.Length == sampler.BatchesPerEpoch
                && batches.Count(batch => batch.Length < batchSize) <= 1
                && batches.All(batch => batch.Length > 0)
                && batches.SelectMany(batch => batch).Order().SequenceEqual(Enumerable.Range(0, lengths.Length));
        }, iter: 300, threads: 1);

    [TestMethod]
    public void OrdinarySentencesNeedLittlePadding()
    {
        foreach (int rows in new[] { 800, 5500, 60000 })
        {
            int[] lengths = SentenceLengths(rows);
            double bucketed = PaddingRatio(new LengthBucketedSampler(lengths, 32, 1).Batches(0), lengths);
            double shuffled = PaddingRatio(Enumerable.Range(0, rows).Chunk(32), lengths);
            Console.WriteLine($"{rows} rows: padded/real {bucketed:f3}, without bucketing {shuffled:f3}");
            Assert.IsLessThan(1.25, bucketed, $"{rows} rows");
            Assert.IsGreaterThan(1.8, shuffled, "the lengths are not spread enough to prove anything");
        }
    }

    [TestMethod]
    public void RealSentencesNeedLittlePadding()
    {
        int[] lengths = [.. File.ReadLines(SharedData.Require("data", "sst2", "train.tsv")).Skip(1).Select(line => Math.Min(64, line.Split(' ').Length + 2))];
        double ratio = PaddingRatio(new LengthBucketedSampler(lengths, 32, 1).Batches(0), lengths);
        Console.WriteLine($"{lengths.Length} rows: padded/real {ratio:f3}, without bucketing {PaddingRatio(Enumerable.Range(0, lengths.Length).Chunk(32), lengths):f3}");
        Assert.IsLessThan(1.25, ratio);
    }

    [TestMethod]
    public void SeedAndEpochDecideTheBatches()
    {
        int[] lengths = SentenceLengths(500);
        string Text(int seed, int epoch) => string.Join('|', new LengthBucketedSampler(lengths, 8, seed).Batches(epoch).Select(batch => string.Join(',', batch)));
        Assert.AreEqual(Text(3, 2), Text(3, 2));
        Assert.AreNotEqual(Text(3, 2), Text(3, 3));
        Assert.AreNotEqual(Text(3, 2), Text(4, 2));
        Assert.AreNotEqual(Text(3, 2), Text(2, 3));
    }

    [TestMethod]
    public void RowsMeetOtherRowsInOtherEpochs()
    {
        int[] lengths = SentenceLengths(640);
        var sampler = new LengthBucketedSampler(lengths, 32, 1);
        HashSet<(int, int)> Pairs(int epoch) => [.. sampler.Batches(epoch).SelectMany(b => b.SelectMany(i => b.Where(j => j > i).Select(j => (i, j))))];
        HashSet<(int, int)> first = Pairs(0), second = Pairs(1);
        Assert.IsLessThan(0.5 * first.Count, first.Count(second.Contains));
    }

    [TestMethod]
    public void BatchesAreNotInTheOrderOfTheirLengths()
    {
        int[] lengths = SentenceLengths(3200);
        double[] means = [.. new LengthBucketedSampler(lengths, 32, 1).Batches(0).Select(batch => batch.Average(row => lengths[row]))];
        int rises = Enumerable.Range(1, means.Length - 1).Count(i => means[i] > means[i - 1]);
        Assert.IsTrue(rises > means.Length / 4 && rises < 3 * means.Length / 4, $"{rises} of {means.Length} batches are longer than the one before");
    }

    [TestMethod]
    public void RowsOfAGroupComeTogether()
    {
        const int BatchSize = 16;
        int[] lengths = SentenceLengths(1800);
        // In turn and of unlike size, as shuffling would leave them.
        int[] groups = [.. Enumerable.Range(0, lengths.Length).Select(row => row % 6 is 0 ? 2 : row % 6 is 1 or 2 ? 1 : 0)];
        double Pure(LengthBucketedSampler sampler, int epoch)
        {
            int[][] batches = [.. sampler.Batches(epoch)];
            Assert.HasCount(sampler.BatchesPerEpoch, batches);
            CollectionAssert.AreEqual(Enumerable.Range(0, lengths.Length).ToArray(), batches.SelectMany(batch => batch).Order().ToArray());
            return batches.Count(batch => batch.All(row => groups[row] == groups[batch[0]])) / (double)batches.Length;
        }
        string Text(int seed, int epoch) => string.Join('|', new LengthBucketedSampler(lengths, BatchSize, seed, groups).Batches(epoch).Select(batch => string.Join(',', batch)));

        for (int epoch = 0; epoch < 3; epoch++)
        {
            Assert.IsGreaterThan(0.9, Pure(new LengthBucketedSampler(lengths, BatchSize, 1, groups), epoch));
            Assert.IsLessThan(0.1, Pure(new LengthBucketedSampler(lengths, BatchSize, 1), epoch));
        }
        Assert.IsLessThan(1.25, PaddingRatio(new LengthBucketedSampler(lengths, BatchSize, 1, groups).Batches(0), lengths), "within a group by length still");
        Assert.AreEqual(Text(3, 2), Text(3, 2));
        Assert.AreNotEqual(Text(3, 2), Text(3, 3));
        Assert.AreNotEqual(Text(3, 2), Text(4, 2));
    }

    /// <summary>Log-normal, mean about 20 and cut at 64 tokens, as sentences are.</summary>
    private static int[] SentenceLengths(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return Math.Clamp((int)Math.Exp(2.85 + 0.55 * normal), 3, 64);
        })];
    }

    private static double PaddingRatio(IEnumerable<int[]> batches, int[] lengths) =>
        batches.Sum(batch => (double)batch.Length * batch.Max(row => lengths[row])) / lengths.Sum(length => (double)length);
}
