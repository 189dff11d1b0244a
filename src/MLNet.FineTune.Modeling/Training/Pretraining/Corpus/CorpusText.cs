namespace MLNet.FineTune.Pretraining;

/// <summary>A paragraph of a corpus.</summary>
/// <param name="Text">The text.</param>
/// <param name="Document">What it is part of: paragraphs of a document follow each other. Null: a document of its own.</param>
/// <param name="Heading">The heading it stands under; null or empty for none.</param>
/// <param name="Source">The collection that the document is from; texts of one source make each other's negatives. Null for none.</param>
internal readonly record struct CorpusText(string Text, string? Document = null, string? Heading = null, string? Source = null);
