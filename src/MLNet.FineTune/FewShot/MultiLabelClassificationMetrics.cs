namespace MLNet.FineTune;

/// <summary>How good a classifier is whose texts can have several labels or none.</summary>
public sealed record MultiLabelClassificationMetrics
{
    /// <summary>The share of texts whose whole set of labels is predicted; higher is better.</summary>
    public required double SubsetAccuracy { get; init; }

    /// <summary>The share of decisions, one a text and label, that are wrong; lower is better.</summary>
    public required double HammingLoss { get; init; }

    /// <summary>F1 of all decisions together: frequent labels count more. 1 where there is neither a label nor a prediction.</summary>
    public required double MicroF1 { get; init; }

    /// <summary>F1 averaged over the labels that occur as label or prediction, each counting the same. 1 where none does.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>Average precision of all decisions together, Σ (Rₙ − Rₙ₋₁) Pₙ over the scores from the highest down; independent of the threshold. NaN where no text has a label.</summary>
    public required double MicroAveragePrecision { get; init; }

    /// <summary>Average precision averaged over the labels that occur, each counting the same. NaN where none does.</summary>
    public required double MacroAveragePrecision { get; init; }

    /// <summary>The mean, over texts and their labels, of the share of true ones among the labels that score at least as high as the label; higher is better. A text with no label, or with all, counts as 1.</summary>
    public required double LabelRankingAveragePrecision { get; init; }
}
