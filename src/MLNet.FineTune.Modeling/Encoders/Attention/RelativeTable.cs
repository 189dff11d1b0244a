using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders.Attention;

/// <summary>Embeddings of relative positions, and which of them belongs to each pair of positions.</summary>
/// <param name="Embeddings">[2 span, hidden].</param>
/// <param name="QueryToKey">Row of the table for query − key, int64 [queries, length].</param>
/// <param name="KeyToQuery">Row of the table for key − query, int64 [length, queries].</param>
internal sealed record RelativeTable(Tensor Embeddings, Tensor QueryToKey, Tensor KeyToQuery)
{
    public static RelativeTable Create(Tensor embeddings, long length, DisentangledConfig config)
    {
        using Tensor distances = RelativePositions.Buckets(length, config, embeddings.device);
        return new RelativeTable(embeddings, Row(distances, +1, config.Span), Row(distances, -1, config.Span));
    }

    /// <summary>The same for the first query.</summary>
    public RelativeTable First() => this with { QueryToKey = QueryToKey.narrow(0, 0, 1), KeyToQuery = KeyToQuery.narrow(1, 0, 1) };

    private static Tensor Row(Tensor distances, int sign, int span) => distances.Mul(sign).Add_(span).Clamp_(0, 2 * span - 1);
}
