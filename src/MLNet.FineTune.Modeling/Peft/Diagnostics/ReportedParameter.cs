namespace MLNet.FineTune;

/// <summary>A tensor of a model or of what a method adds to it.</summary>
/// <param name="Name">Its name, <c>encoder.layers.0.attention.query.weight</c> and the like.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Count">Numbers in it.</param>
/// <param name="Layer">The layer it is in, counted from zero; null outside the layers.</param>
/// <param name="Trains">Whether it trains.</param>
/// <param name="Added">Whether the method added it, instead of the model having it.</param>
public sealed record ReportedParameter(string Name, IReadOnlyList<long> Shape, long Count, int? Layer, bool Trains, bool Added);
