using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>Something whose rate is measured a little in every round.</summary>
/// <param name="name">The case's name.</param>
/// <param name="type">The type its matrix products are computed in.</param>
/// <param name="flopsPerToken">What the case needs of matrix products.</param>
internal abstract class ThroughputCase(string name, ScalarType type, double flopsPerToken) : IDisposable
{
    public string Name { get; } = name;

    public ScalarType Type { get; } = type;

    public double FlopsPerToken { get; } = flopsPerToken;

    /// <summary>Tokens a second, of every step or pass measured.</summary>
    public List<double> Rates { get; } = [];

    public double Rate => Statistics.Median(Rates);

    /// <summary>Measures some more.</summary>
    public abstract void Round();

    public abstract void Dispose();
}
