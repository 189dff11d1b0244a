using System.Numerics.Tensors;

namespace MLNet.FineTune.Extensions.AI;

/// <summary>Shorter vectors from longer ones (Kusupati et al. 2022, "Matryoshka Representation Learning", arXiv 2205.13147).</summary>
internal static class Matryoshka
{
    /// <summary>The first numbers of a vector, brought to length one; the vector as it is where all are asked for. Zeros stay zeros.</summary>
    public static float[] Truncate(ReadOnlySpan<float> vector, int dimensions)
    {
        float[] kept = vector[..dimensions].ToArray();
        if (dimensions < vector.Length && TensorPrimitives.Norm<float>(kept) is > 0 and var norm)
            TensorPrimitives.Divide(kept, norm, kept);
        return kept;
    }
}
