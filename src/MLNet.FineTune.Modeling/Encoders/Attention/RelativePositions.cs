using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders.Attention;

/// <summary>Bucketed distances between the positions of a sequence.</summary>
internal static class RelativePositions
{
    /// <summary>Distance from which on T5's and MPNet's buckets are all the last one.</summary>
    public const int MaxDistance = 128;

    /// <summary>Signed distances query − key, those beyond half the buckets in logarithmic buckets (DeBERTa v2).</summary>
    /// <returns>int64 [length, length].</returns>
    public static Tensor Buckets(long length, DisentangledConfig config, Device device) =>
        Table(length, device, distance => LogBucket(distance, config.PositionBuckets, config.MaxRelativePositions));

    /// <summary>Buckets of key − query as T5 and MPNet number them: half for each direction, half of those exact, the rest logarithmic up to <see cref="MaxDistance"/>.</summary>
    /// <returns>int64 [length, length].</returns>
    public static Tensor DirectedBuckets(long length, int buckets, Device device) =>
        Table(length, device, distance => DirectedBucket(-distance, buckets));

    private static Tensor Table(long length, Device device, Func<long, long> bucket)
    {
        // One value a distance; the table is these values along its diagonals.
        var byDistance = new long[2 * length - 1];
        for (long d = 0; d < byDistance.Length; d++)
            byDistance[d] = bucket(d - (length - 1));
        var values = new long[length * length];
        for (long query = 0; query < length; query++)
            for (long key = 0; key < length; key++)
                values[query * length + key] = byDistance[query - key + length - 1];
        return tensor(values, [length, length], device: device);
    }

    internal static long LogBucket(long distance, int buckets, int maxDistance)
    {
        if (buckets <= 0)
            return distance;
        int middle = buckets / 2;
        long size = distance < middle && distance > -middle ? middle - 1 : Math.Abs(distance);
        if (size <= middle)
            return distance;
        // In one precision, that of the published code: at the greatest distance the quotient is 1, where another rounding of the two logarithms ends a bucket too far.
        float log = MathF.Ceiling(MathF.Log((float)size / middle) / MathF.Log((maxDistance - 1f) / middle) * (middle - 1)) + middle;
        return (long)log * Math.Sign(distance);
    }

    internal static long DirectedBucket(long distance, int buckets, int maxDistance = MaxDistance)
    {
        int half = buckets / 2, exact = half / 2;
        long first = distance > 0 ? half : 0, size = Math.Abs(distance);
        if (size < exact)
            return first + size;
        long large = exact + (long)(MathF.Log((float)size / exact) / MathF.Log((float)maxDistance / exact) * (half - exact));
        return first + Math.Min(large, half - 1);
    }
}
