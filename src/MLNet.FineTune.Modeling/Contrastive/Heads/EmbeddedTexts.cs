using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>Embeddings of labelled texts.</summary>
/// <param name="Values">Row-major [embeddings, width].</param>
/// <param name="Width">Numbers an embedding.</param>
/// <param name="Texts">The rows: their classes and weights.</param>
/// <param name="ClassCount">How many classes there are.</param>
/// <param name="Sources">Which embedding each row has, where several rows share one; null where each row has its own, in order.</param>
internal sealed record EmbeddedTexts(float[] Values, int Width, EncodedTexts Texts, int ClassCount, int[]? Sources = null)
{
    /// <summary>How many rows there are.</summary>
    public int Count => Texts.Count;

    /// <summary>How many embeddings there are.</summary>
    public int EmbeddingCount => Values.Length / Width;

    /// <summary>The embedding of a row.</summary>
    public ReadOnlySpan<float> this[int row] => Values.AsSpan(SourceOf(row) * Width, Width);

    /// <summary>Which embedding a row has.</summary>
    public int SourceOf(int row) => Sources?[row] ?? row;
}
