namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>Draws training rows by seed: the same arguments give the same rows in the same order.</summary>
internal static class ShotSampler
{
    /// <param name="rows">The training set.</param>
    /// <param name="shots">Rows of each class, or all of a class that has fewer; null for the whole set.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <param name="maximum">Most rows in all; null for no limit.</param>
    public static TextRow[] Draw(IReadOnlyList<TextRow> rows, int? shots, int seed, int? maximum)
    {
        var random = new Random(seed);
        TextRow[] drawn = shots is not { } count ? [.. rows] :
            [.. from row in rows group row by row.Label into @class orderby @class.Key from row in Shuffled(@class, random).Take(count) select row];
        random.Shuffle(drawn);
        return drawn[..Math.Min(drawn.Length, maximum ?? drawn.Length)];
    }

    /// <summary>Draws labelled rows, and texts without labels from the others.</summary>
    /// <param name="rows">The training set.</param>
    /// <param name="shots">Labelled rows of each class.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <param name="maximum">Most texts without labels; null for no limit.</param>
    public static (TextRow[] Labeled, TextRow[] Unlabeled) Split(IReadOnlyList<TextRow> rows, int shots, int seed, int? maximum)
    {
        TextRow[] labeled = Draw(rows, shots, seed, null);
        TextRow[] others = [.. rows.Except(labeled)];
        new Random(seed).Shuffle(others);
        return (labeled, others[..Math.Min(others.Length, maximum ?? others.Length)]);
    }

    private static TextRow[] Shuffled(IEnumerable<TextRow> rows, Random random)
    {
        TextRow[] shuffled = [.. rows];
        random.Shuffle(shuffled);
        return shuffled;
    }
}
