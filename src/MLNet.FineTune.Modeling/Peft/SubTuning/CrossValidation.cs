using MLNet.FineTune.Models;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Peft;

/// <summary>Parts rows into folds, each of which is measured once on a model that learnt the others.</summary>
internal static class CrossValidation
{
    /// <param name="data">The rows.</param>
    /// <param name="count">How many folds, 2 or more; every class is spread over them evenly.</param>
    /// <param name="seed">Decides which rows go together.</param>
    public static IReadOnlyList<(EncodedTexts Train, EncodedTexts Validation)> Folds(EncodedTexts data, int count, int seed)
    {
        if (data.Count < count)
            throw new ArgumentException($"There are {data.Count} training rows; expected at least {count}, one for each fold of the cross-validation.");
        int[] rows = [.. Enumerable.Range(0, data.Count)];
        SeededRandom.Create(seed, 0).Shuffle(rows);
        // Dealt out class after class, so that folds and the shares of classes in them differ by one row at most.
        int[][] folds = [.. rows.OrderBy(row => data.Labels[row]).Select((row, i) => (row, Fold: i % count)).GroupBy(x => x.Fold).OrderBy(g => g.Key)
            .Select(g => g.Select(x => x.row).Order().ToArray())];
        return [.. folds.Select(fold => (data.Rows([.. Enumerable.Range(0, data.Count).Except(fold)]), data.Rows(fold)))];
    }
}
