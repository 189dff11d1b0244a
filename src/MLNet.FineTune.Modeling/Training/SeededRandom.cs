namespace MLNet.FineTune.Training;

/// <summary>Random streams that depend on a seed and a position, so that any of them can be made again without the ones before.</summary>
internal static class SeededRandom
{
    public static Random Create(int seed, int stream) => new((int)Mix(seed, stream));

    /// <summary>A well-mixed number for (seed, stream): the finaliser of SplitMix64 (Steele, Lea, Flood 2014) applied to both.</summary>
    public static ulong Mix(int seed, int stream)
    {
        ulong z = ((ulong)(uint)seed << 32 | (uint)stream) + 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}
