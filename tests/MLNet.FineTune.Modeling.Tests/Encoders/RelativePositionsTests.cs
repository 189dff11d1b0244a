using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Attention;
using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Encoders;

/// <summary>Buckets against the formulas of the papers, written as they stand there.</summary>
[TestClass]
public sealed class RelativePositionsTests
{
    /// <summary>Distances in T5's buckets (arXiv 1910.10683): half for each direction; half of these exact, the rest logarithmic up to 128.</summary>
    [TestMethod]
    [DataRow(32)]
    [DataRow(8)]
    [DataRow(64)]
    public void DirectedBuckets(int buckets)
    {
        const int Length = 300;
        long[] table = Table(RelativePositions.DirectedBuckets(Length, buckets, CPU));
        int half = buckets / 2, exact = half / 2;
        for (int query = 0; query < Length; query++)
            for (int key = 0; key < Length; key++)
            {
                int distance = Math.Abs(key - query);
                double logarithmic = exact + Math.Log((double)distance / exact) / Math.Log(128.0 / exact) * (half - exact);
                // Where the exact value is a whole number, 32-bit logarithms may fall on either side.
                long[] allowed = distance < exact ? [distance] : [.. new[] { logarithmic - 1e-5, logarithmic + 1e-5 }.Select(value => Math.Min((long)value, half - 1))];
                long found = table[query * Length + key] - (key > query ? half : 0);
                CollectionAssert.Contains(allowed, found, $"query {query}, key {key}");
            }
    }

    /// <summary>Distances in DeBERTa v2's buckets (arXiv 2006.03654, as its v2 extends it): exact up to half the buckets, then logarithmic up to the greatest distance.</summary>
    [TestMethod]
    [DataRow(256, 512)]
    [DataRow(4, 20)]
    [DataRow(16, 128)]
    public void LogBuckets(int buckets, int maxDistance)
    {
        const int Length = 200;
        long[] table = Table(RelativePositions.Buckets(Length, new DisentangledConfig(maxDistance, buckets, true, true, true, false), CPU));
        int middle = buckets / 2;
        for (int query = 0; query < Length; query++)
            for (int key = 0; key < Length; key++)
            {
                int distance = query - key, size = Math.Abs(distance);
                double logarithmic = Math.Log((double)size / middle) / Math.Log((maxDistance - 1.0) / middle) * (middle - 1) + middle;
                long[] allowed = size <= middle ? [distance] : [.. new[] { logarithmic - 1e-5, logarithmic + 1e-5 }.Select(value => Math.Sign(distance) * (long)Math.Ceiling(value))];
                CollectionAssert.Contains(allowed, table[query * Length + key], $"query {query}, key {key}");
            }
    }

    /// <summary>The two ends of the longest text, of which one is the vector that is classified: their distance is the last one with a bucket, 2 · middle − 1, on either side.</summary>
    [TestMethod]
    [DataRow(256, 512)]
    [DataRow(32, 512)]
    [DataRow(256, 1024)]
    [DataRow(64, 256)]
    public void TheGreatestDistanceIsInTheLastBucket(int buckets, int maxDistance)
    {
        Assert.AreEqual(buckets - 1, RelativePositions.LogBucket(maxDistance - 1, buckets, maxDistance));
        Assert.AreEqual(1 - buckets, RelativePositions.LogBucket(1 - maxDistance, buckets, maxDistance));
    }

    /// <summary>Against the published formula in libtorch's own float32.</summary>
    [TestMethod]
    [DataRow(256, 512)]
    [DataRow(64, 256)]
    public void LogBucketsAsTensorsGiveThem(int buckets, int maxDistance)
    {
        using var scope = NewDisposeScope();
        int middle = buckets / 2;
        Tensor sizes = arange(middle + 1, maxDistance, ScalarType.Int64);
        Tensor logarithm = (sizes.to(ScalarType.Float32) / tensor((float)middle)).log() / tensor((float)((maxDistance - 1.0) / middle)).log();
        long[] expected = [.. (logarithm * tensor(middle - 1f)).ceil().Add(middle).to(ScalarType.Int64).data<long>()];
        long[] found = [.. Enumerable.Range(middle + 1, maxDistance - middle - 1).Select(size => RelativePositions.LogBucket(size, buckets, maxDistance))];
        CollectionAssert.AreEqual(expected, found);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    public void WithoutBucketsDistancesAreThemselves(int buckets)
    {
        long[] table = Table(RelativePositions.Buckets(3, new DisentangledConfig(20, buckets, true, true, true, false), CPU));
        CollectionAssert.AreEqual((long[])[0, -1, -2, 1, 0, -1, 2, 1, 0], table);
    }

    /// <summary>All numbers of buckets that a configuration may ask for stay inside the table.</summary>
    [TestMethod]
    public void EveryBucketIsInTheTable()
    {
        for (int buckets = 4; buckets < 4 * RelativePositions.MaxDistance; buckets++)
            foreach (long distance in new long[] { 0, 1, -1, 63, 64, 127, 128, 129, -128, 100_000, -100_000 })
                Assert.IsInRange(0L, buckets - 1L, RelativePositions.DirectedBucket(distance, buckets), $"{buckets} buckets, distance {distance}");
    }

    private static long[] Table(Tensor tensor)
    {
        using (tensor)
            return [.. tensor.data<long>()];
    }
}
