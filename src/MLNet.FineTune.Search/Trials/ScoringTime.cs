using System.Diagnostics;

namespace MLNet.FineTune.Search;

/// <summary>How long scoring takes.</summary>
internal static class ScoringTime
{
    /// <summary>The most rows that are timed: enough for several batches.</summary>
    public const int MostRows = 128;

    private const int Rounds = 3;

    /// <summary>Milliseconds a row: the fastest of three rounds, after one that is not counted.</summary>
    /// <param name="rows">How many rows a round scores.</param>
    /// <param name="score">Scores them.</param>
    public static double Milliseconds(int rows, Action score)
    {
        score();
        double fastest = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            score();
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return fastest / rows;
    }
}
