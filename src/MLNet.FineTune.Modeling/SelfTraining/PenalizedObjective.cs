using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.SelfTraining;

/// <summary>An objective and the term that a fine-tuning method adds to the loss of every batch.</summary>
internal sealed class PenalizedObjective(ITrainingObjective objective, Func<Tensor?> penalty) : ITrainingObjective
{
    public Tensor Loss(int[] rows)
    {
        Tensor loss = objective.Loss(rows);
        return penalty() is { } term ? loss.Add(term) : loss;
    }

    public double Weight(int[] rows) => objective.Weight(rows);
}
