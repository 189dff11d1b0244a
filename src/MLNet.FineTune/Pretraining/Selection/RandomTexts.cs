using MLNet.FineTune.Training;

namespace MLNet.FineTune.Pretraining;

/// <summary>A random sample of texts from a stream (reservoir sampling; Vitter 1985, algorithm R).</summary>
internal static class RandomTexts
{
    /// <param name="candidates">The texts in the order of their rows.</param>
    /// <param name="excluded">Texts that are not to be drawn, beside empty ones.</param>
    /// <param name="count">How many rows are drawn; all where there are fewer.</param>
    /// <param name="seed">Decides which.</param>
    public static SelectedRows Draw(IEnumerable<string> candidates, IReadOnlySet<string> excluded, long count, int seed)
    {
        Random random = SeededRandom.Create(seed, 0);
        var drawn = new List<(long Row, float Similarity, ulong Text)>();
        long row = -1, seen = 0;
        foreach (string text in candidates)
        {
            row++;
            if (string.IsNullOrWhiteSpace(text) || excluded.Contains(text))
                continue;
            seen++;
            if (drawn.Count < count)
                drawn.Add((row, float.NaN, SelectedRows.Key(text)));
            else if (random.NextInt64(seen) is var place && place < count)
                drawn[(int)place] = (row, float.NaN, SelectedRows.Key(text));
        }
        return SelectedRows.From(drawn);
    }
}
