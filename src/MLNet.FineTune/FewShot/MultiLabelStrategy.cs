namespace MLNet.FineTune;

/// <summary>How a classifier of texts with several labels decides on them.</summary>
public enum MultiLabelStrategy
{
    /// <summary>A binary classifier for each label, which decides on it by itself. A text to which none says yes has no label.</summary>
    OneVsRest,

    /// <summary>A classifier for each of several outputs that are true or false: for label vectors the same as <see cref="OneVsRest"/>, with equal weights. Both names are those of scikit-learn and of Python's setfit, whose two strategies differ only in how they take a label that all texts have, or none: here as a constant in either.</summary>
    MultiOutput,

    /// <summary>A binary classifier for each label, which sees the labels before it too: true ones when it is fitted, predicted ones when it predicts (Read et al. 2011, "Classifier Chains for Multi-label Classification", Machine Learning 85).</summary>
    ClassifierChain,
}
