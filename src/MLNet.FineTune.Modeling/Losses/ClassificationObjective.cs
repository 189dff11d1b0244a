using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Trains a classifier on labelled rows.</summary>
/// <param name="logits">Scores the rows of a batch: [rows, classes].</param>
/// <param name="labels">The class of every training row.</param>
/// <param name="loss">The loss; not disposed here.</param>
/// <param name="rowWeights">The weight of every training row; null when all count the same.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
internal sealed class ClassificationObjective(
    Func<int[], Tensor> logits, int[] labels, SoftmaxCrossEntropy loss, float[]? rowWeights = null, Func<Tensor?>? penalty = null) : ITrainingObjective
{
    public Tensor Loss(int[] rows)
    {
        Tensor scores = logits(rows);
        Tensor targets = tensor([.. rows.Select(row => (long)labels[row])], device: scores.device);
        Tensor? weights = rowWeights is null ? null : tensor([.. rows.Select(row => rowWeights[row])], device: scores.device);
        Tensor mean = loss.Compute(scores, targets, weights);
        return penalty?.Invoke() is { } term ? mean.Add(term) : mean;
    }

    public double Weight(int[] rows) => rows.Sum(row => loss.Weight(labels[row]) * (rowWeights is null ? 1 : rowWeights[row]));
}
