using MLNet.FineTune.Training;

namespace MLNet.FineTune.Search;

/// <summary>An order of rows whose beginnings keep the shares of the classes, and have every class as soon as there is room.</summary>
internal static class NestedSubsets
{
    /// <param name="labels">The class of each row.</param>
    /// <param name="seed">Decides which rows of a class come first.</param>
    public static int[] Order(int[] labels, int seed)
    {
        int[] rows = [.. Enumerable.Range(0, labels.Length)];
        SeededRandom.Create(seed, 0).Shuffle(rows);
        return [.. rows.GroupBy(row => labels[row]).SelectMany(group => group.Select((row, rank) => (Row: row, Place: (double)rank / group.Count())))
            .OrderBy(item => item.Place).ThenBy(item => labels[item.Row]).Select(item => item.Row)];
    }
}
