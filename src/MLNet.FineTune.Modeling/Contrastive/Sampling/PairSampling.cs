using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>Which pairs of texts contrastive training sees, and how often (SetFit, Tunstall et al. 2022, arXiv 2209.11055).</summary>
/// <remarks>
/// No pair is ever written down: a step takes some texts of some classes, encodes each once, and forms its pairs from the
/// embeddings. No text is paired with itself. Except with <see cref="PairSamplingStrategy.Unique"/> every class takes part
/// equally often, and pairs of one class weigh as much in every step as pairs of different classes.
/// </remarks>
public sealed record PairSampling
{
    /// <summary>For each text, how many pairs of its class and how many with other classes an epoch has. Texts that are alone in their class only meet those of other classes.</summary>
    /// <value>Default 20, the paper's R. <see langword="null"/>: <see cref="Strategy"/> decides.</value>
    [Range(1, 40, 20)]
    public int? Iterations { get; init; } = 20;

    /// <summary>How many pairs an epoch has where <see cref="Iterations"/> is null; another than the default goes with that only.</summary>
    /// <value>Default <see cref="PairSamplingStrategy.Oversampling"/>.</value>
    public PairSamplingStrategy Strategy { get; init; } = PairSamplingStrategy.Oversampling;

    /// <summary>Most pairs an epoch has.</summary>
    /// <value>Default <see langword="null"/>: no limit.</value>
    public long? MaxPairs { get; init; }

    /// <summary>How many texts of a class a step takes, where the class has so many and the step so many classes. More give more pairs for each text that is encoded, fewer give more classes a step.</summary>
    /// <value>Default 8; at least 2. Fewer where no class has as many.</value>
    [Range(2, 16, 8)]
    public int TextsPerClass { get; init; } = 8;

    /// <exception cref="ArgumentException">An option is out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        Require(Iterations is null or >= 1, nameof(Iterations), Iterations, "null or at least 1");
        Require(Enum.IsDefined(Strategy), nameof(Strategy), Strategy, string.Join(", ", Enum.GetNames<PairSamplingStrategy>()));
        Require(Strategy == PairSamplingStrategy.Oversampling || Iterations is null, nameof(Iterations), Iterations, $"null with the {nameof(Strategy)} {Strategy}, which decides how many pairs there are");
        Require(MaxPairs is null or >= 1, nameof(MaxPairs), MaxPairs, "null or at least 1");
        Require(TextsPerClass >= 2, nameof(TextsPerClass), TextsPerClass, "at least 2");
    }

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(PairSampling), option, found, expected, option);
}
