namespace MLNet.FineTune;

/// <summary>By what texts are chosen to be labelled next.</summary>
public enum LabellingStrategy
{
    /// <summary>The entropy of the predicted probabilities, as a share of its maximum; the highest first.</summary>
    Entropy,

    /// <summary>One less the difference of the two largest probabilities; the highest first.</summary>
    Margin,

    /// <summary>One less the largest probability; the highest first.</summary>
    LeastConfidence,

    /// <summary>How much predictions under dropout disagree: the mutual information of prediction and model (BALD, Houlsby et al. 2011, arXiv 1112.5745; by MC dropout, Gal et al. 2017, arXiv 1703.02910).</summary>
    Bald,

    /// <summary>Texts whose embeddings lie far from those of all labelled and chosen ones: the greedy k-centre solution (Sener and Savarese 2018, arXiv 1708.00489).</summary>
    CoreSet,

    /// <summary>Texts that the model takes for something else than labelled texts close to them (CAL, Margatina et al. 2021, arXiv 2109.03764).</summary>
    Contrastive,
}
