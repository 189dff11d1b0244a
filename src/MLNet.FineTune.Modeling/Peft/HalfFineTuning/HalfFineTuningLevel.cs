namespace MLNet.FineTune;

/// <summary>Among what <see cref="HalfFineTuning"/> draws the half that trains.</summary>
public enum HalfFineTuningLevel
{
    /// <summary>In every layer half of the attention's projections, half of the feed-forward network's and half of the LayerNorms: the paper's choice.</summary>
    Category,

    /// <summary>Half of the layers, each as a whole.</summary>
    Layer,

    /// <summary>Half of the projections and LayerNorms of all layers together.</summary>
    Model,
}
