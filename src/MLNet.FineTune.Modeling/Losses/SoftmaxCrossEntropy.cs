using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Cross entropy of softmax scores, with label smoothing (arXiv 1512.00567), class weights and row weights.</summary>
/// <remarks>
/// With smoothing ε, C classes, class weights w and row weights r, row i of class y costs
/// r_i · ((1 − ε) · w_y · −log p_y + ε / C · Σ_c w_c · −log p_c); the loss is the sum over rows divided by Σ r_i · w_y.
/// </remarks>
internal sealed class SoftmaxCrossEntropy(double labelSmoothing = 0, float[]? classWeights = null) : IDisposable
{
    private Tensor? _classWeights;

    /// <summary>The mean loss, a scalar in fp32.</summary>
    /// <param name="logits">[rows, classes], of any floating type.</param>
    /// <param name="labels">[rows], int64.</param>
    /// <param name="rowWeights">[rows], 0 or more; null when all rows count the same.</param>
    public Tensor Compute(Tensor logits, Tensor labels, Tensor? rowWeights = null)
    {
        // Sums of exponentials lose too much in half precision.
        Tensor scores = logits.to(ScalarType.Float32);
        Tensor? weights = ClassWeightsOn(scores.device);
        if (weights is null && rowWeights is null)
            return nn.functional.cross_entropy(scores, labels, reduction: nn.Reduction.Mean, label_smoothing: labelSmoothing);

        Tensor rows = nn.functional.cross_entropy(scores, labels, weights, reduction: nn.Reduction.None, label_smoothing: labelSmoothing);
        Tensor share = weights is null ? rowWeights! : weights.index_select(0, labels);
        if (rowWeights is not null)
            (rows, share) = (rows * rowWeights, weights is null ? share : share * rowWeights);
        // A batch in which nothing weighs anything teaches nothing; dividing by its weight would make the loss infinite.
        Tensor total = share.sum();
        return where(total.Gt(0), rows.sum() / total.ClampMin(1e-12f), zeros_like(total));
    }

    /// <summary>The weight of a class.</summary>
    public double Weight(int label) => classWeights is null ? 1 : classWeights[label];

    public void Dispose() => _classWeights?.Dispose();

    private Tensor? ClassWeightsOn(Device device)
    {
        if (classWeights is not null && _classWeights?.device != device)
        {
            _classWeights?.Dispose();
            _classWeights = tensor(classWeights, device: device).DetachFromDisposeScope();
        }
        return _classWeights;
    }
}
