using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Losses;

/// <summary>Scores each batch twice and draws the predictions together.</summary>
/// <param name="weight">How much their difference counts.</param>
internal sealed class RDropTraining(double weight) : ConsistencyTraining
{
    // So many rows do not come out the same by chance, even where dropout is rare and the network tiny.
    private const int RowsToTell = 64;

    private int _same;

    public override Tensor Loss(LabelObjective objective, int[] rows)
    {
        Tensor first = objective.Logits(rows), second = objective.Logits(rows);
        if (_same >= 0)
            RequireDifference(first, second, rows.Length);
        Tensor supervised = objective.Supervised(first, rows).Add(objective.Supervised(second, rows)).Mul(0.5);
        return supervised.Add(objective.Divergence(first, second, rows), weight / objective.Directions);
    }

    /// <exception cref="ArgumentException">So far no row was scored otherwise the second time.</exception>
    private void RequireDifference(Tensor first, Tensor second, int rows)
    {
        _same = first.eq(second).all().item<bool>() ? _same + rows : -1;
        if (_same >= RowsToTell)
            throw new ArgumentException(
                $"{nameof(RDrop)} needs dropout, and there is none in what trains: {_same} texts were scored twice with equal results. Give the method or the encoder dropout, or leave {nameof(RDrop)} out.");
    }
}
