namespace MLNet.FineTune;

/// <summary>How far apart two embeddings are.</summary>
public enum EmbeddingDistance
{
    /// <summary>1 − cosine, from 0 to 2; the length of the embeddings does not count.</summary>
    Cosine,

    /// <summary>The length of the difference.</summary>
    Euclidean,
}
