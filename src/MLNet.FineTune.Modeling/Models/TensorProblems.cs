using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Models;

/// <summary>Collects what differs between the tensors a model has and a file holds, to say all of it at once.</summary>
internal sealed class TensorProblems(string location)
{
    private const int Listed = 12;

    public List<string> Missing { get; } = [];
    public List<string> Extra { get; } = [];
    public List<string> Misfit { get; } = [];

    /// <summary>Whether a stored tensor can be copied to one of this shape; notes it when not.</summary>
    /// <param name="stored">The stored tensor.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="exact">The type that is expected, for whole numbers; null for any floating-point type.</param>
    public bool Fits(TensorInfo stored, long[] shape, TensorDType? exact = null)
    {
        if (!stored.Shape.SequenceEqual(shape))
            Misfit.Add($"{stored.Name} has shape [{string.Join(", ", stored.Shape)}], expected [{string.Join(", ", shape)}]");
        else if (exact is { } type && stored.DType != type)
            Misfit.Add($"{stored.Name} has type {stored.DType}, expected {type}");
        else if (exact is null && stored.DType is not (TensorDType.Float64 or TensorDType.Float32 or TensorDType.Float16 or TensorDType.BFloat16))
            Misfit.Add($"{stored.Name} has type {stored.DType}, expected a floating-point type");
        else
            return true;
        return false;
    }

    /// <exception cref="InvalidDataException">Something differs.</exception>
    public void ThrowIfAny()
    {
        if (Missing.Count + Extra.Count + Misfit.Count == 0)
            return;
        IEnumerable<string> parts = new[] { Describe("missing", Missing), Describe("unknown", Extra), Describe("not fitting", Misfit) }.OfType<string>();
        throw new InvalidDataException($"{location}: the tensors are not those the configuration asks for; {string.Join("; ", parts)}.");
    }

    private static string? Describe(string what, List<string> names) => names.Count == 0 ? null
        : $"{names.Count} {what}: {string.Join(", ", names.Take(Listed))}{(names.Count > Listed ? $" and {names.Count - Listed} more" : "")}";
}
