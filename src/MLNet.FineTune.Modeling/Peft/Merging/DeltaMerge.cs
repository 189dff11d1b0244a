using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Merges the changes that several adapters make to one weight matrix.</summary>
internal static class DeltaMerge
{
    /// <param name="deltas">The changes, all of one shape.</param>
    /// <param name="weights">How much each counts.</param>
    /// <param name="options">The recipe.</param>
    /// <param name="generator">Draws what is dropped.</param>
    /// <returns>The change to make instead.</returns>
    public static Tensor Merge(IReadOnlyList<Tensor> deltas, IReadOnlyList<double> weights, AdapterMergeOptions options, Generator generator)
    {
        Tensor weighted = stack([.. deltas.Select((delta, i) => Thin(delta, options, generator).Mul(weights[i]))]);
        return options.SignConsensus ? Elect(weighted) : weighted.sum(0L);
    }

    private static Tensor Thin(Tensor delta, AdapterMergeOptions options, Generator generator)
    {
        if (options.Density >= 1)
            return delta;
        if (options.RandomDropping)
            return (delta * rand(delta.shape, generator: generator).Lt(options.Density).to(delta.dtype)).Div(options.Density);
        long kept = Math.Max(1, (long)(options.Density * delta.numel()));
        Tensor flat = delta.flatten(), mask = zeros_like(flat);
        mask.IndexFill_(0, flat.abs().topk((int)kept).indexes, 1);
        return (flat * mask).view_as(delta);
    }

    /// <summary>The mean of those that have the sign of the sum, element by element.</summary>
    private static Tensor Elect(Tensor deltas)
    {
        Tensor agrees = deltas.sign().eq(deltas.sum(0L).sign()).logical_and(deltas.Ne(0)).to(deltas.dtype);
        return (deltas * agrees).sum(0L) / agrees.sum(0L).ClampMin(1);
    }

    /// <summary>The best factors of a rank: delta ≈ B A with A of [rank, inputs] and B of [outputs, rank].</summary>
    public static (Tensor A, Tensor B) Factorize(Tensor delta, int rank)
    {
        (Tensor u, Tensor s, Tensor vh) = linalg.svd(delta, fullMatrices: false);
        Tensor root = s.narrow(0, 0, rank).sqrt();
        return (vh.narrow(0, 0, rank) * root.unsqueeze(1), u.narrow(1, 0, rank) * root.unsqueeze(0));
    }

    /// <summary>How many singular values are more than rounding.</summary>
    public static int NumericalRank(Tensor delta)
    {
        Tensor s = linalg.svdvals(delta);
        double largest = s[0].item<float>();
        return largest == 0 ? 0 : (int)s.Gt(largest * 1e-6).sum().item<long>();
    }
}
