namespace MLNet.FineTune.Search;

/// <summary>A seed for each trial, the same whoever runs it and however often.</summary>
internal static class TrialSeed
{
    /// <summary>SplitMix64 (Steele et al. 2014) of the study's seed and the trial's number; 0 or more.</summary>
    public static int Of(int seed, int number)
    {
        ulong z = ((ulong)(uint)seed << 32 | (uint)number) + 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return (int)((z ^ z >> 31) >> 33);
    }
}
