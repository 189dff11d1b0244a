namespace MLNet.FineTune.Checkpoints;

/// <summary>A tensor of a checkpoint as its header declares it; the declaration has been validated against the file's length.</summary>
/// <param name="Name">The name in the checkpoint.</param>
/// <param name="DType">The stored element type.</param>
/// <param name="Shape">The dimensions, empty for a scalar.</param>
/// <param name="Offset">Where its elements begin, in bytes: in the data section of a safetensors file, in its storage for a PyTorch file.</param>
/// <param name="Length">Bytes its elements take when contiguous.</param>
internal sealed record TensorInfo(string Name, TensorDType DType, IReadOnlyList<long> Shape, long Offset, long Length)
{
    /// <summary>The highest number of dimensions accepted; far above what any model has, and it bounds what a header may make us allocate.</summary>
    public const int MaxRank = 32;

    /// <summary>Bytes that <paramref name="shape"/> takes, or null where a dimension is negative or the count overflows.</summary>
    /// <remarks>An empty dimension does not excuse huge others: libtorch multiplies them all into the strides.</remarks>
    public static long? ByteLength(ReadOnlySpan<long> shape, TensorDType dtype)
    {
        UInt128 strides = (UInt128)dtype.Size();
        bool empty = false;
        foreach (long dimension in shape)
        {
            if (dimension < 0)
                return null;
            empty |= dimension == 0;
            strides *= (UInt128)Math.Max(dimension, 1);
            if (strides > long.MaxValue)
                return null;
        }
        return empty ? 0 : (long)strides;
    }

    /// <summary>A shape as messages show it, for instance <c>[30522, 384]</c>.</summary>
    public static string Format(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
