namespace MLNet.FineTune;

/// <summary>How the learning rate moves from its peak to the end of training.</summary>
public enum LearningRateSchedule
{
    /// <summary>Falls in a straight line to zero after the warm-up.</summary>
    Linear,

    /// <summary>Falls along half a cosine wave to zero after the warm-up.</summary>
    Cosine,

    /// <summary>Stays at its peak after the warm-up.</summary>
    Constant,

    /// <summary>
    /// Rises over the first tenth of the steps from 1/32 of the peak and falls back over the rest, as in ULMFiT
    /// (arXiv 1801.06146); the warm-up options have no effect.
    /// </summary>
    SlantedTriangular,
}
