using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Trains a classifier on rows with any number of labels each: binary cross-entropy, the mean over labels and rows.</summary>
/// <param name="logits">Scores the rows of a batch: [rows, labels].</param>
/// <param name="sets">The labels of every training row.</param>
/// <param name="labelCount">How many labels there are.</param>
/// <param name="rowWeights">The weight of every training row; null when all count the same.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
/// <param name="consistency">See <see cref="LabelObjective"/>.</param>
internal sealed class LabelSetObjective(
    Func<int[], Tensor> logits, int[][] sets, int labelCount, float[]? rowWeights = null, Func<Tensor?>? penalty = null, ConsistencyTraining? consistency = null)
    : LabelObjective(logits, rowWeights, penalty, consistency)
{
    public override Tensor Supervised(Tensor scores, int[] rows)
    {
        bool[] truth = LabelSetMetrics.Indicators([.. rows.Select(row => sets[row])], labelCount);
        Tensor targets = tensor([.. truth.Select(isTrue => isTrue ? 1f : 0f)], device: scores.device).reshape(rows.Length, labelCount);
        Tensor perRow = nn.functional.binary_cross_entropy_with_logits(scores, targets, reduction: nn.Reduction.None).mean([1]);
        return Mean(perRow, rows);
    }

    /// <summary>The mean over labels of (p − q) · (logit p − logit q), which is KL(p‖q) + KL(q‖p) of a label that is true with probability p, or q.</summary>
    protected override Tensor Divergences(Tensor first, Tensor second, int[] rows) => ((first.sigmoid() - second.sigmoid()) * (first - second)).mean([1]);
}
