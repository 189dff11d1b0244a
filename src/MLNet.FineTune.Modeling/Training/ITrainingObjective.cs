using TorchSharp;

namespace MLNet.FineTune.Training;

/// <summary>What training minimises.</summary>
internal interface ITrainingObjective
{
    /// <summary>The mean loss over the rows: a scalar in fp32 through which gradients reach the trainable parameters.</summary>
    /// <param name="rows">Row numbers of one batch.</param>
    torch.Tensor Loss(int[] rows);

    /// <summary>What the mean of <see cref="Loss"/> was divided by: batches whose gradients are added up count by it, so that together they are one larger batch.</summary>
    /// <param name="rows">Row numbers of one batch.</param>
    double Weight(int[] rows) => rows.Length;
}
