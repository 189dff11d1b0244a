using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Trains a model to find answers: the mean of the cross entropies of where they begin and where they end, over all tokens of a window but padding (Devlin et al. 2018, arXiv 1810.04805, section 4.2).</summary>
/// <param name="logits">Scores the tokens of the windows of a batch: [rows, tokens, 2].</param>
/// <param name="data">The training windows.</param>
/// <param name="loss">The loss; not disposed here.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
internal sealed class AnswerObjective(Func<int[], Tensor> logits, EncodedTexts data, SoftmaxCrossEntropy loss, Func<Tensor?>? penalty = null) : ITrainingObjective
{
    public Tensor Loss(int[] rows)
    {
        Tensor scores = logits(rows).to(ScalarType.Float32);
        Device device = scores.device;
        int length = (int)scores.size(1);
        int[] lengths = [.. rows.Select(row => data.Batches.Lengths[row])];
        if (lengths.Any(own => own < length))
            scores = scores.MaskedFill(tensor([.. lengths.SelectMany(own => Enumerable.Range(0, length).Select(token => token >= own))], [rows.Length, length, 1], device: device), float.MinValue);
        Tensor mean = loss.Compute(
            scores.transpose(1, 2).reshape(-1, length),
            tensor([.. rows.SelectMany(row => new long[] { data.Answers![row].Start, data.Answers[row].End })], device: device),
            data.Weights is null ? null : tensor([.. rows.SelectMany(row => Enumerable.Repeat(data.Weights[row], 2))], device: device));
        return penalty?.Invoke() is { } term ? mean.Add(term) : mean;
    }

    public double Weight(int[] rows) => RowMean.Weight(rows, data.Weights);
}
