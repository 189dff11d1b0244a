namespace MLNet.FineTune;

/// <summary>What one labelling function did on data.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Polarity">The classes it voted for, by name in the order of the classes.</param>
/// <param name="VoteCount">Rows it voted on.</param>
/// <param name="Coverage">The share of all rows that it voted on.</param>
/// <param name="Overlap">The share of all rows that it and another function voted on.</param>
/// <param name="Conflict">The share of all rows on which it and another function voted for different classes.</param>
/// <param name="CorrectCount">Its votes for the true class; null without true labels.</param>
/// <param name="Accuracy">The share of its votes on rows with a true label that are for the true class; null without such votes.</param>
public sealed record LabelingFunctionReport(
    string Name, IReadOnlyList<string> Polarity, int VoteCount, double Coverage, double Overlap, double Conflict, int? CorrectCount, double? Accuracy);
