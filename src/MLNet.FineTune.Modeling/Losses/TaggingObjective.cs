using MLNet.FineTune.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Trains a model to classify words: the mean cross entropy of the words of a batch that have a class, each read at its first token; all other tokens are left out (<c>ignore_index</c>).</summary>
/// <param name="logits">Scores the tokens of the rows of a batch: [rows, tokens, classes].</param>
/// <param name="data">The training rows.</param>
/// <param name="loss">The loss; not disposed here.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
/// <param name="consistency">See <see cref="LabelObjective"/>.</param>
internal sealed class TaggingObjective(
    Func<int[], Tensor> logits, EncodedTexts data, SoftmaxCrossEntropy loss, Func<Tensor?>? penalty = null, ConsistencyTraining? consistency = null)
    : LabelObjective(logits, data.Weights, penalty, consistency)
{
    public override Tensor Supervised(Tensor scores, int[] rows)
    {
        (int At, int Row, int Word)[] words = Words(rows);
        // Cross entropy of nothing is no number; a sum of nothing is zero, and has a gradient.
        return words.Length == 0 ? scores.narrow(1, 0, 0).sum() : loss.Compute(
            Labelled(scores, words), tensor([.. words.Select(word => (long)data.Tags![word.Row][word.Word])], device: scores.device), WordWeights(words, scores.device));
    }

    public override double Weight(int[] rows) => rows.Sum(row => data.LabelledWords(row).Sum(word => loss.Weight(data.Tags![row][word])) * Weight(row));

    protected override Tensor Divergences(Tensor first, Tensor second, int[] rows)
    {
        (int At, int Row, int Word)[] words = Words(rows);
        return SoftmaxDivergence.Symmetric(Labelled(first, words), Labelled(second, words));
    }

    /// <summary>The mean over words, each by the weight of its row.</summary>
    protected override Tensor Mean(Tensor losses, int[] rows)
    {
        (int At, int Row, int Word)[] words = Words(rows);
        return words.Length == 0 ? losses.sum() : RowMean.Of(losses, WordWeights(words, losses.device));
    }

    /// <summary>The words that are learnt from: the place of their row in the batch, the row, and their place in it.</summary>
    private (int At, int Row, int Word)[] Words(int[] rows) => [.. rows.SelectMany((row, at) => data.LabelledWords(row).Select(word => (at, row, word)))];

    /// <summary>The scores at the words' first tokens, [words, classes].</summary>
    private Tensor Labelled(Tensor scores, (int At, int Row, int Word)[] words) => scores.reshape(-1, scores.size(2)).index_select(
        0, tensor([.. words.Select(word => word.At * scores.size(1) + data.Batches[word.Row].WordTokens![word.Word])], ScalarType.Int64, device: scores.device));

    private Tensor? WordWeights((int At, int Row, int Word)[] words, Device device) => data.Weights is null ? null : tensor([.. words.Select(word => data.Weights[word.Row])], device: device);
}
