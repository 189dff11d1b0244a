using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Trains a model to classify words: the mean cross entropy of the words of a batch that have a class, each read at its first token; all other tokens are left out (<c>ignore_index</c>).</summary>
/// <param name="logits">Scores the tokens of the rows of a batch: [rows, tokens, classes].</param>
/// <param name="data">The training rows.</param>
/// <param name="loss">The loss; not disposed here.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
internal sealed class TaggingObjective(Func<int[], Tensor> logits, EncodedTexts data, SoftmaxCrossEntropy loss, Func<Tensor?>? penalty = null) : ITrainingObjective
{
    public Tensor Loss(int[] rows)
    {
        Tensor scores = logits(rows);
        Device device = scores.device;
        long length = scores.size(1);
        (int At, int Row, int Word)[] words = [.. rows.SelectMany((row, at) => data.LabelledWords(row).Select(word => (at, row, word)))];
        // Cross entropy of nothing is no number; a sum of nothing is zero, and has a gradient.
        Tensor mean = words.Length == 0 ? scores.narrow(1, 0, 0).sum() : loss.Compute(
            scores.reshape(-1, scores.size(2)).index_select(0, tensor([.. words.Select(word => word.At * length + data.Batches[word.Row].WordTokens![word.Word])], device: device)),
            tensor([.. words.Select(word => (long)data.Tags![word.Row][word.Word])], device: device),
            data.Weights is null ? null : tensor([.. words.Select(word => data.Weights[word.Row])], device: device));
        return penalty?.Invoke() is { } term ? mean.Add(term) : mean;
    }

    public double Weight(int[] rows) => rows.Sum(row => data.LabelledWords(row).Sum(word => loss.Weight(data.Tags![row][word])) * (data.Weights is null ? 1 : data.Weights[row]));
}
