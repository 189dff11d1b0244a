namespace MLNet.FineTune.Search;

/// <summary>What the parameters of a point must be like together.</summary>
/// <param name="Description">In words, for messages.</param>
/// <param name="Allows">Whether a point meets it; parameters that do not count are not in the dictionary.</param>
internal sealed record ParameterConstraint(string Description, Func<IReadOnlyDictionary<string, object>, bool> Allows);
