using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Trains a model on labelled rows, whatever their labels are like.</summary>
/// <param name="logits">Scores the rows of a batch: [rows, outputs], or [rows, tokens, outputs] where words have labels.</param>
/// <param name="rowWeights">The weight of every training row; null when all count the same.</param>
/// <param name="penalty">A term to add, or null for none in this batch; null where there never is one.</param>
/// <param name="consistency">Scores the rows several times and wants the same each time; null for once.</param>
internal abstract class LabelObjective(Func<int[], Tensor> logits, float[]? rowWeights, Func<Tensor?>? penalty, ConsistencyTraining? consistency) : ITrainingObjective
{
    public Tensor Loss(int[] rows)
    {
        Tensor mean = consistency is null ? Supervised(Logits(rows), rows) : consistency.Loss(this, rows);
        return penalty?.Invoke() is { } term ? mean.Add(term) : mean;
    }

    /// <summary>The scores of some rows, as <c>logits</c> gives them.</summary>
    public Tensor Logits(int[] rows) => logits(rows);

    /// <summary>The mean loss of scores against the labels of their rows: a scalar.</summary>
    public abstract Tensor Supervised(Tensor scores, int[] rows);

    /// <summary>How far two sets of scores of the same rows lie apart: the mean over the rows, or over their words that have a label, by the rows' weights, of the Kullback-Leibler divergences of either distribution from the other, added; of numbers, of the squared difference. A scalar.</summary>
    public Tensor Divergence(Tensor first, Tensor second, int[] rows)
    {
        Tensor each = Divergences(first.to(ScalarType.Float32), second.to(ScalarType.Float32), rows);
        return Mean(each, rows);
    }

    /// <summary>How many divergences are added to one: that of each distribution from the other, or that of two numbers.</summary>
    public virtual double Directions => 2;

    public virtual double Weight(int[] rows) => RowMean.Weight(rows, rowWeights);

    /// <summary>The weight of a row.</summary>
    protected double Weight(int row) => rowWeights is null ? 1 : rowWeights[row];

    /// <summary>The divergence of each row, [rows], or of each word that has a label; the scores are float32.</summary>
    protected abstract Tensor Divergences(Tensor first, Tensor second, int[] rows);

    /// <summary>The weights of some rows; null when all count the same.</summary>
    protected Tensor? Weights(int[] rows, Device device) => rowWeights is null ? null : tensor([.. rows.Select(row => rowWeights[row])], device: device);

    /// <summary>The mean of the losses of rows, or of words that have a label, by the rows' weights.</summary>
    protected virtual Tensor Mean(Tensor losses, int[] rows) => RowMean.Of(losses, rows, rowWeights);
}
