using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Trains a model to predict a number for each row: the mean squared error of the scaled numbers.</summary>
/// <param name="outputs">What the model gives for the rows of a batch: [rows, 1].</param>
/// <param name="targets">The number of every training row.</param>
/// <param name="scale">Where they lie.</param>
/// <param name="rowWeights">The weight of every training row; null when all count the same.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
internal sealed class RegressionObjective(
    Func<int[], Tensor> outputs, float[] targets, TargetScale scale, float[]? rowWeights = null, Func<Tensor?>? penalty = null) : ITrainingObjective
{
    public Tensor Loss(int[] rows)
    {
        Tensor given = outputs(rows).squeeze(1);
        Tensor squared = (given - tensor([.. rows.Select(row => scale.Scaled(targets[row]))], device: given.device)).square();
        Tensor mean = RowMean.Of(squared, rows, rowWeights);
        return penalty?.Invoke() is { } term ? mean.Add(term) : mean;
    }

    public double Weight(int[] rows) => RowMean.Weight(rows, rowWeights);
}
