using MLNet.FineTune.Models;

namespace MLNet.FineTune.Training;

/// <summary>Parts rows into folds, each of which is measured once on a model that learnt the others.</summary>
internal static class CrossValidation
{
    /// <param name="data">The rows.</param>
    /// <param name="count">How many folds, 2 or more; every class is spread over them evenly.</param>
    /// <param name="seed">Decides which rows go together.</param>
    /// <exception cref="ArgumentException">There are fewer rows than folds.</exception>
    public static IReadOnlyList<(EncodedTexts Train, EncodedTexts Validation)> Folds(EncodedTexts data, int count, int seed) =>
        [.. Rows(data.Labels, count, seed).Select(fold => (data.Rows(Others(fold, data.Count)), data.Rows(fold)))];

    /// <summary>The rows of each fold, ascending; the same arguments give the same folds.</summary>
    /// <param name="labels">The class of each row.</param>
    /// <param name="count">How many folds, 2 or more; every class is spread over them evenly.</param>
    /// <param name="seed">Decides which rows go together.</param>
    /// <exception cref="ArgumentException">There are fewer rows than folds.</exception>
    public static int[][] Rows(int[] labels, int count, int seed)
    {
        if (labels.Length < count)
            throw new ArgumentException($"There are {labels.Length} training rows; expected at least {count}, one for each fold of the cross-validation.");
        int[] rows = [.. Enumerable.Range(0, labels.Length)];
        SeededRandom.Create(seed, 0).Shuffle(rows);
        // Dealt out class after class, so that folds and the shares of classes in them differ by one row at most.
        return [.. rows.OrderBy(row => labels[row]).Select((row, i) => (row, Fold: i % count)).GroupBy(x => x.Fold).OrderBy(g => g.Key)
            .Select(g => g.Select(x => x.row).Order().ToArray())];
    }

    /// <summary>All rows but those of a fold, ascending.</summary>
    public static int[] Others(int[] fold, int count) => [.. Enumerable.Range(0, count).Except(fold)];
}
