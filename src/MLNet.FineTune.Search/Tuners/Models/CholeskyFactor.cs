using System.Numerics.Tensors;

namespace MLNet.FineTune.Search;

/// <summary>
/// L of a positive definite matrix L·Lᵀ. MathNet's managed factorisation allocates and threads; a search for the best point makes thousands of small
/// ones and solves with them hundreds of thousands of times, which these rows of dot products do in place.
/// </summary>
internal sealed class CholeskyFactor
{
    private readonly double[] _rows; // row-major, lower triangle

    private CholeskyFactor(double[] rows, int size) => (_rows, Size) = (rows, size);

    public int Size { get; }

    /// <summary>Σ log Lᵢᵢ², the logarithm of the determinant.</summary>
    public double LogDeterminant
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < Size; i++)
                sum += Math.Log(_rows[i * Size + i]);
            return 2 * sum;
        }
    }

    /// <summary>Factors a matrix in place.</summary>
    /// <param name="matrix">Row-major; its lower triangle is read and replaced.</param>
    /// <param name="size">Rows.</param>
    /// <returns>Null where the matrix is not positive definite to working precision.</returns>
    public static CholeskyFactor? TryFactor(double[] matrix, int size)
    {
        for (int i = 0; i < size; i++)
        {
            Span<double> row = matrix.AsSpan(i * size, size);
            for (int j = 0; j < i; j++)
                row[j] = (row[j] - TensorPrimitives.Dot(row[..j], matrix.AsSpan(j * size, j))) / matrix[j * size + j];
            double square = row[i] - TensorPrimitives.SumOfSquares<double>(row[..i]);
            if (!(square > 0))
                return null;
            row[i] = Math.Sqrt(square);
        }
        return new CholeskyFactor(matrix, size);
    }

    /// <summary>Factors a matrix that is positive semidefinite but for rounding, with as little added to its diagonal as that takes.</summary>
    public static CholeskyFactor Factor(double[] matrix, int size)
    {
        double mean = 0;
        for (int i = 0; i < size; i++)
            mean += matrix[i * size + i] / size;
        for (double jitter = 1e-10; jitter < 1; jitter *= 10)
        {
            double[] copy = [.. matrix];
            for (int i = 0; i < size; i++)
                copy[i * size + i] += jitter * Math.Max(mean, 1e-12);
            if (TryFactor(copy, size) is { } factor)
                return factor;
        }
        throw new ArithmeticException($"A matrix of {size} rows is not positive semidefinite, or holds numbers that are not finite.");
    }

    /// <summary>b ← L⁻¹·b.</summary>
    public void SolveLower(Span<double> b)
    {
        for (int i = 0; i < Size; i++)
            b[i] = (b[i] - TensorPrimitives.Dot(_rows.AsSpan(i * Size, i), b[..i])) / _rows[i * Size + i];
    }

    /// <summary>b ← (L·Lᵀ)⁻¹·b.</summary>
    public void Solve(Span<double> b)
    {
        SolveLower(b);
        for (int i = Size - 1; i >= 0; i--)
        {
            b[i] /= _rows[i * Size + i];
            TensorPrimitives.MultiplyAdd(_rows.AsSpan(i * Size, i), -b[i], b[..i], b[..i]);
        }
    }

    /// <summary>L·z.</summary>
    public double[] Multiply(ReadOnlySpan<double> z)
    {
        var result = new double[Size];
        for (int i = 0; i < Size; i++)
            result[i] = TensorPrimitives.Dot(_rows.AsSpan(i * Size, i + 1), z[..(i + 1)]);
        return result;
    }

    /// <summary>(L·Lᵀ)⁻¹, row-major, of which the lower triangle is filled.</summary>
    public double[] Inverse()
    {
        // The rows of L⁻¹ one after the other, then its transpose times itself.
        var lower = new double[Size * Size];
        for (int i = 0; i < Size; i++)
        {
            Span<double> row = lower.AsSpan(i * Size, i + 1);
            for (int k = 0; k < i; k++)
                TensorPrimitives.MultiplyAdd(lower.AsSpan(k * Size, k + 1), -_rows[i * Size + k], row[..(k + 1)], row[..(k + 1)]);
            row[i] = 1;
            TensorPrimitives.Divide(row, _rows[i * Size + i], row);
        }
        var inverse = new double[Size * Size];
        for (int i = 0; i < Size; i++)
        {
            ReadOnlySpan<double> row = lower.AsSpan(i * Size, i + 1);
            for (int j = 0; j <= i; j++)
            {
                Span<double> target = inverse.AsSpan(j * Size, j + 1);
                TensorPrimitives.MultiplyAdd(row[..(j + 1)], row[j], target, target);
            }
        }
        return inverse;
    }
}
