using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.SelfTraining;

/// <summary>Cross entropy of probabilities with those of a model: −Σ_c q_c ln p_c, the weighted mean over the rows of a batch.</summary>
/// <remarks>With a temperature τ, p is the softmax of the logits over τ, and the loss of the row is multiplied by τ², so that its gradients keep their size (Hinton et al. 2015, arXiv 1503.02531).</remarks>
/// <param name="logits">Scores the rows of a batch: [rows, classes].</param>
/// <param name="targets">The probabilities of every training row, row-major [rows, classes].</param>
/// <param name="classCount">How many classes there are.</param>
/// <param name="weights">The weight of every training row; null when all count the same.</param>
/// <param name="temperatures">τ of every training row; null for 1.</param>
internal sealed class SoftLabelObjective(Func<int[], Tensor> logits, float[] targets, int classCount, float[]? weights = null, float[]? temperatures = null) : ITrainingObjective
{
    public Tensor Loss(int[] rows) => Compute(logits(rows), rows);

    public double Weight(int[] rows) => weights is null ? rows.Length : rows.Sum(row => (double)weights[row]);

    /// <summary>The loss of rows whose logits are given.</summary>
    public Tensor Compute(Tensor scores, int[] rows)
    {
        scores = scores.to(ScalarType.Float32);
        Tensor? temperature = temperatures is null ? null : OfRows(temperatures, rows, scores.device);
        float[] wanted = [.. rows.SelectMany(row => new ArraySegment<float>(targets, row * classCount, classCount))];
        Tensor logged = functional.log_softmax(temperature is null ? scores : scores / temperature.unsqueeze(1), dim: 1);
        Tensor losses = -(tensor(wanted, [rows.Length, classCount], device: scores.device) * logged).sum(1L);
        if (temperature is not null)
            losses *= temperature.Square();
        if (weights is null)
            return losses.mean();
        Tensor share = OfRows(weights, rows, scores.device);
        return (losses * share).sum() / share.sum().ClampMin(1e-12);
    }

    private static Tensor OfRows(float[] values, int[] rows, Device device) => tensor([.. rows.Select(row => values[row])], device: device);
}
