using System.Numerics.Tensors;
using MLNet.FineTune.Heads;

namespace MLNet.FineTune.Contrastive;

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
                logits[row * classes + @class] = Bias[@class] + TensorPrimitives.Dot(embeddings.AsSpan(row * width, width), Weight.AsSpan(@class * width, width));
        return logits;
    }
}
