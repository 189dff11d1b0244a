using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>Embeddings of labelled texts.</summary>
/// <param name="Values">Row-major [texts, width].</param>
/// <param name="Width">Numbers an embedding.</param>
/// <param name="Texts">Their classes and weights.</param>
/// <param name="ClassCount">How many classes there are.</param>
internal sealed record EmbeddedTexts(float[] Values, int Width, EncodedTexts Texts, int ClassCount)
{
    public int Count => Texts.Count;

    public ReadOnlySpan<float> this[int row] => Values.AsSpan(row * Width, Width);
}
