namespace MLNet.FineTune;

/// <summary>How good predicted labels of words are. Entities are counted as Python's seqeval counts them in its default mode, micro-averaged: one is right when its first word, its last word and its type are.</summary>
public sealed record TokenClassificationMetrics
{
    /// <summary>The share of words whose label is predicted; higher is better.</summary>
    public required double TokenAccuracy { get; init; }

    /// <summary>The share of predicted entities that are right; higher is better. 0 where none is predicted.</summary>
    public required double EntityPrecision { get; init; }

    /// <summary>The share of true entities that are predicted; higher is better. 0 where there is none.</summary>
    public required double EntityRecall { get; init; }

    /// <summary>The harmonic mean of precision and recall; higher is better. 0 where one of them is.</summary>
    public required double EntityF1 { get; init; }

    /// <summary>Words measured on.</summary>
    public required long TokenCount { get; init; }

    /// <summary>Entities in the true labels.</summary>
    public required long EntityCount { get; init; }
}
