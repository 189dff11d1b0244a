namespace MLNet.FineTune;

/// <summary>Which passages of a corpus count as alike in contrastive training.</summary>
[Flags]
public enum PassagePairs
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A passage and itself under other dropout (SimCSE; Gao, Yao, Chen 2021, arXiv 2104.08821).</summary>
    Dropout = 1,

    /// <summary>A heading and a passage of a paragraph below it.</summary>
    Heading = 2,

    /// <summary>Passages that follow each other in a document, inside a paragraph or from one to the next (DeCLUTR; Giorgi et al. 2020, arXiv 2006.03659).</summary>
    Neighbor = 4,
}
