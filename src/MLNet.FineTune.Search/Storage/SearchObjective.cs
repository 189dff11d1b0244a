namespace MLNet.FineTune;

/// <summary>One of the numbers that a search makes as good as it can.</summary>
/// <param name="Name">What is measured, such as <c>accuracy</c>.</param>
/// <param name="Direction">Which values are better.</param>
public sealed record SearchObjective(string Name, ObjectiveDirection Direction)
{
    /// <summary>The worst value that is taken: trials beyond it are recorded, but are not on the front, and the tuner looks elsewhere.</summary>
    /// <value>Default <see langword="null"/>: any.</value>
    public double? Limit { get; init; }

    /// <summary>Whether a value is within the limit.</summary>
    internal bool Allows(double value) => Limit is not { } limit || Cost(value) <= Cost(limit);

    /// <summary>Whether a value is better than another one; one that is not a number is better than none.</summary>
    internal bool IsBetter(double value, double other) =>
        double.IsNaN(other) ? !double.IsNaN(value) : Direction == ObjectiveDirection.Minimize ? value < other : value > other;

    /// <summary>The value as a cost: smaller is better, and what is not a number is the worst.</summary>
    internal double Cost(double value) => double.IsNaN(value) ? double.PositiveInfinity : Direction == ObjectiveDirection.Minimize ? value : -value;
}
