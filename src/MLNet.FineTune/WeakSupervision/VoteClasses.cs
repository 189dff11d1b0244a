using System.Globalization;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune.WeakSupervision;

/// <summary>Checks of the classes that are voted for.</summary>
internal static class VoteClasses
{
    /// <summary>A confusion matrix for each function is kept.</summary>
    public const int MaximumCount = 1000;

    /// <exception cref="ArgumentException">There are too few or too many names, or one is empty or occurs twice.</exception>
    public static string[] Check(string[] names, string parameter)
    {
        if (names.Length is < 2 or > MaximumCount)
            throw new ArgumentException($"There are {names.Length} class names; expected 2 to {MaximumCount}.", parameter);
        if (names.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException("A class name is empty; give each class a name.", parameter);
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"The class name '{twice.Key}' occurs {twice.Count()} times; give each class its own.", parameter);
        return names;
    }

    /// <summary>The places of the classes as their names.</summary>
    public static string[] Numbered(int count) => [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    /// <summary>The first few names, quoted.</summary>
    public static string List(IReadOnlyList<string> names) => TrainingSetReader.List(names);
}
