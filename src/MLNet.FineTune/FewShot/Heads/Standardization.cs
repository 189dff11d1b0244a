using MLNet.FineTune.Contrastive;

namespace MLNet.FineTune.FewShot;

/// <summary>Gives each number of the embeddings mean 0 and variance 1, and takes that back into the weights of a linear classifier.</summary>
internal sealed class Standardization
{
    private readonly float[] _mean;
    private readonly float[] _scale;

    /// <param name="texts">Each row counts by its weight, so that one of weight 2 counts as two, and one of weight 0 not at all.</param>
    public Standardization(EmbeddedTexts texts)
    {
        var sum = new double[texts.Width];
        var squares = new double[texts.Width];
        double total = 0;
        for (int row = 0; row < texts.Count; row++)
        {
            double weight = texts.Texts.Weights?[row] ?? 1;
            total += weight;
            ReadOnlySpan<float> values = texts[row];
            for (int i = 0; i < values.Length; i++)
            {
                sum[i] += weight * values[i];
                squares[i] += weight * values[i] * values[i];
            }
        }
        _mean = [.. sum.Select(value => (float)(value / total))];
        // A number that is the same for all texts says nothing; it stays 0.
        _scale = [.. squares.Zip(sum, (square, value) => square / total - value / total * (value / total) is > 1e-12 and var variance ? (float)(1 / Math.Sqrt(variance)) : 0)];
    }

    public float[] Apply(ReadOnlySpan<float> embedding)
    {
        var values = new float[embedding.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = (embedding[i] - _mean[i]) * _scale[i];
        return values;
    }

    /// <summary>The classifier of embeddings that does what one does with standardised embeddings.</summary>
    public LinearHead Fold(LinearHead head)
    {
        int width = _mean.Length;
        var weight = new float[head.Weight.Length];
        var bias = new float[head.Bias.Length];
        for (int @class = 0; @class < bias.Length; @class++)
        {
            double shift = head.Bias[@class];
            for (int i = 0; i < width; i++)
            {
                weight[@class * width + i] = head.Weight[@class * width + i] * _scale[i];
                shift -= (double)weight[@class * width + i] * _mean[i];
            }
            bias[@class] = (float)shift;
        }
        return new LinearHead(weight, bias);
    }
}
