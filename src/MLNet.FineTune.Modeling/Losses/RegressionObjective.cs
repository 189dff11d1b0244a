using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Trains a model to predict a number for each row: the mean squared error of the scaled numbers.</summary>
/// <param name="outputs">What the model gives for the rows of a batch: [rows, 1].</param>
/// <param name="targets">The number of every training row.</param>
/// <param name="scale">Where they lie.</param>
/// <param name="rowWeights">The weight of every training row; null when all count the same.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
/// <param name="consistency">See <see cref="LabelObjective"/>.</param>
internal sealed class RegressionObjective(
    Func<int[], Tensor> outputs, float[] targets, TargetScale scale, float[]? rowWeights = null, Func<Tensor?>? penalty = null, ConsistencyTraining? consistency = null)
    : LabelObjective(outputs, rowWeights, penalty, consistency)
{
    public override double Directions => 1;

    public override Tensor Supervised(Tensor scores, int[] rows)
    {
        Tensor given = scores.squeeze(1);
        Tensor squared = (given - tensor([.. rows.Select(row => scale.Scaled(targets[row]))], device: given.device)).Square();
        return Mean(squared, rows);
    }

    /// <summary>The squared difference of the scaled numbers.</summary>
    protected override Tensor Divergences(Tensor first, Tensor second, int[] rows) => (first - second).squeeze(1).Square();
}
