using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>Fits a linear classifier on embeddings.</summary>
internal interface IHeadTrainer
{
    /// <param name="embeddings">The embeddings of the training texts.</param>
    /// <param name="checkAlive">Polled while fitting; throws to stop.</param>
    LinearHead Fit(EmbeddedTexts embeddings, Action? checkAlive);
}

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

/// <summary>A linear classifier.</summary>
/// <param name="Weight">Row-major [classes, width].</param>
/// <param name="Bias">[classes].</param>
/// <param name="Rule">How a text gets several classes or none; null where it gets the one with the largest logit.</param>
internal sealed record LinearHead(float[] Weight, float[] Bias, LabelRule? Rule = null)
{
    /// <summary>The logits of embeddings, row-major [texts, classes].</summary>
    public float[] Score(float[] embeddings)
    {
        int classes = Bias.Length, width = Weight.Length / classes, count = embeddings.Length / width;
        var logits = new float[count * classes];
        for (int row = 0; row < count; row++)
            for (int @class = 0; @class < classes; @class++)
                logits[row * classes + @class] = Bias[@class] + System.Numerics.Tensors.TensorPrimitives.Dot(embeddings.AsSpan(row * width, width), Weight.AsSpan(@class * width, width));
        return logits;
    }
}
