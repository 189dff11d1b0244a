namespace MLNet.FineTune;

/// <summary>Which triplets of an anchor, a like text and an unlike one a <see cref="TripletLoss"/> learns from.</summary>
public enum TripletMining
{
    /// <summary>All of the batch; the mean is over those that have a loss (Hermans et al. 2017, arXiv 1703.07737).</summary>
    BatchAll,

    /// <summary>For each anchor the farthest like text and the closest unlike one (Hermans et al. 2017, arXiv 1703.07737).</summary>
    BatchHard,

    /// <summary>
    /// For each anchor and like text the closest unlike one that is farther than the like one (Schroff et al. 2015, "FaceNet",
    /// arXiv 1503.03832), or, where there is none, the farthest, as in sentence-transformers.
    /// </summary>
    BatchSemiHard,
}
