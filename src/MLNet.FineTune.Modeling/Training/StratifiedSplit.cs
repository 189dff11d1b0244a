namespace MLNet.FineTune.Training;

/// <summary>Sets rows aside so that each class keeps its share on both sides.</summary>
internal static class StratifiedSplit
{
    /// <summary>Draws the rows to hold out; the same arguments give the same split.</summary>
    /// <param name="labels">The class of each row.</param>
    /// <param name="fraction">The share to hold out, above 0 and below 1; at least one row of each class is held out and one kept.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <returns>Row numbers of both sides, ascending.</returns>
    /// <exception cref="ArgumentException">There are no rows, or a class has a single one.</exception>
    public static (int[] Train, int[] HeldOut) Create(int[] labels, double fraction, int seed)
    {
        if (!(fraction is > 0 and < 1))
            throw new ArgumentException(FormattableString.Invariant($"The fraction to hold out is {fraction}; expected above 0 and below 1."), nameof(fraction));
        if (labels.Length == 0)
            throw new ArgumentException("There are no rows to split.", nameof(labels));

        Random random = SeededRandom.Create(seed, 0);
        List<int> train = [], heldOut = [];
        foreach (IGrouping<int, int> group in Enumerable.Range(0, labels.Length).GroupBy(row => labels[row]).OrderBy(group => group.Key))
        {
            int[] rows = [.. group];
            if (rows.Length == 1)
                throw new ArgumentException(
                    $"Class {group.Key} has a single row (row {rows[0]}), so it cannot be both in the training rows and in the validation rows. " +
                    "Add a row of it, leave the class out, give a validation set of your own, or set ValidationFraction = 0.", nameof(labels));
            random.Shuffle(rows);
            int count = Math.Clamp((int)Math.Round(rows.Length * fraction), 1, rows.Length - 1);
            heldOut.AddRange(rows[..count]);
            train.AddRange(rows[count..]);
        }
        train.Sort();
        heldOut.Sort();
        return ([.. train], [.. heldOut]);
    }
}
