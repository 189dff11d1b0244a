namespace MLNet.FineTune.Pretraining;

/// <summary>The columns of a data view that hold a corpus.</summary>
/// <param name="Text">Column of texts.</param>
/// <param name="Document">Column with the document of each text, or null.</param>
/// <param name="Heading">Column with the heading of each text, or null.</param>
/// <param name="Source">Column with the collection of each text, or null.</param>
internal sealed record CorpusColumns(string Text, string? Document = null, string? Heading = null, string? Source = null);
