namespace MLNet.FineTune;

/// <summary>How text embeddings of an encoder are compared with its teacher's.</summary>
public enum EmbeddingMatch
{
    /// <summary>One less the cosine similarity: directions only.</summary>
    Cosine,

    /// <summary>The mean squared difference (Reimers, Gurevych 2020, arXiv 2004.09813).</summary>
    MeanSquaredError,

    /// <summary>
    /// The mean squared difference between the cosine similarities of all pairs of texts of a batch, as the encoder and as
    /// the teacher see them (similarity-preserving distillation; Tung, Mori 2019, arXiv 1907.09682). Needs no projection.
    /// </summary>
    Similarity,
}
