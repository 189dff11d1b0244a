using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Trains a classifier on rows of one class each.</summary>
/// <param name="logits">Scores the rows of a batch: [rows, classes].</param>
/// <param name="labels">The class of every training row.</param>
/// <param name="loss">The loss; not disposed here.</param>
/// <param name="rowWeights">The weight of every training row; null when all count the same.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
/// <param name="consistency">See <see cref="LabelObjective"/>.</param>
internal sealed class ClassificationObjective(
    Func<int[], Tensor> logits, int[] labels, SoftmaxCrossEntropy loss, float[]? rowWeights = null, Func<Tensor?>? penalty = null, ConsistencyTraining? consistency = null)
    : LabelObjective(logits, rowWeights, penalty, consistency)
{
    public override Tensor Supervised(Tensor scores, int[] rows) =>
        loss.Compute(scores, tensor([.. rows.Select(row => (long)labels[row])], device: scores.device), Weights(rows, scores.device));

    protected override Tensor Divergences(Tensor first, Tensor second, int[] rows) => SoftmaxDivergence.Symmetric(first, second);

    public override double Weight(int[] rows) => rows.Sum(row => loss.Weight(labels[row]) * Weight(row));
}
