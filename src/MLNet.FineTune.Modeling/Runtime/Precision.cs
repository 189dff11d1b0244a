namespace MLNet.FineTune;

/// <summary>The number format a model computes in. Weights that train, LayerNorm, sums and losses stay float32 in each.</summary>
public enum Precision
{
    /// <summary><see cref="BFloat16"/> where the hardware multiplies it (CUDA, CPUs with AMX or AVX512-BF16), else <see cref="Float32"/>.</summary>
    Auto,

    /// <summary>32-bit floating point throughout.</summary>
    Float32,

    /// <summary>
    /// Mixed precision: activations and matrix products in 16-bit brain floating point, which has float32's range and 8 bits
    /// of significand; two to four times as fast where the hardware has it, slower than float32 where not.
    /// </summary>
    BFloat16,
}
