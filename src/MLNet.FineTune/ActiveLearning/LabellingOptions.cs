using MLNet.FineTune.Runtime;
using Microsoft.ML;

namespace MLNet.FineTune;

/// <summary>How texts are chosen to be labelled next.</summary>
public sealed class LabellingOptions
{
    /// <summary>By what they are chosen.</summary>
    /// <value>Default <see cref="LabellingStrategy.Entropy"/>.</value>
    public LabellingStrategy Strategy { get; set; } = LabellingStrategy.Entropy;

    /// <summary>The texts that are labelled already, in columns of the same names; their labels are not read.</summary>
    /// <value>Default <see langword="null"/>. <see cref="LabellingStrategy.Contrastive"/> needs them; <see cref="LabellingStrategy.CoreSet"/> keeps away from them where they are given.</value>
    public IDataView? Labeled { get; set; }

    /// <summary>How often <see cref="LabellingStrategy.Bald"/> scores each text under dropout.</summary>
    /// <value>Default 10; at least 2.</value>
    public int DropoutPasses { get; set; } = 10;

    /// <summary>How many labelled neighbours <see cref="LabellingStrategy.Contrastive"/> compares a text with.</summary>
    /// <value>Default 10, as in the paper; at least 1.</value>
    public int NeighborCount { get; set; } = 10;

    /// <summary>Seed of dropout.</summary>
    /// <value>Default <see langword="null"/>: taken from the context.</value>
    public int? Seed { get; set; }

    internal void Validate()
    {
        Require(Enum.IsDefined(Strategy), nameof(Strategy), Strategy, string.Join(", ", Enum.GetNames<LabellingStrategy>()));
        Require(Strategy != LabellingStrategy.Contrastive || Labeled is not null, nameof(Labeled), null, $"the labelled texts, which {nameof(LabellingStrategy)}.{nameof(LabellingStrategy.Contrastive)} compares with");
        Require(DropoutPasses >= 2, nameof(DropoutPasses), DropoutPasses, "at least 2");
        Require(NeighborCount >= 1, nameof(NeighborCount), NeighborCount, "at least 1");
    }

    private static void Require(bool valid, string option, object? found, string expected) => OptionRange.Require(valid, nameof(LabellingOptions), option, found, expected, option);
}
