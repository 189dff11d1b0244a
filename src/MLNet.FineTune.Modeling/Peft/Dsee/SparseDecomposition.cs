using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Splits a weight into a low-rank and a sparse part, W ≈ UV + S, as greedy bilateral smoothing does (Zhou and Tao 2013): in turn, V and U by a QR step on W − S, and S as the largest numbers of W − UV.</summary>
internal static class SparseDecomposition
{
    private const int Rounds = 10;

    /// <summary>Where S is not zero.</summary>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="rank">Rank of the low-rank part.</param>
    /// <param name="count">Numbers in S.</param>
    /// <returns>Positions in the flattened weight, ascending, int64 [count].</returns>
    public static Tensor Support(Tensor weight, int rank, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using var _ = no_grad();
        rank = (int)Math.Min(rank, Math.Min(weight.size(0), weight.size(1)));
        // The largest rows point where most of the weight is, and need no random numbers.
        Tensor v = weight.index_select(0, weight.Square().sum(1).topk(rank).indexes);
        Tensor rest = weight, support = zeros(0, ScalarType.Int64);
        for (int round = 0; round < Rounds; round++)
        {
            Tensor basis = linalg.qr(rest.matmul(v.t())).Q;
            v = basis.t().matmul(rest);
            Tensor residual = (weight - basis.matmul(v)).flatten();
            support = residual.abs().topk(count).indexes;
            Tensor sparse = zeros_like(residual).index_copy_(0, support, residual.index_select(0, support));
            rest = weight - sparse.view_as(weight);
        }
        return support.sort().Values.MoveToOuterDisposeScope();
    }
}
