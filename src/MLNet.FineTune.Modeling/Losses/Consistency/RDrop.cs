using MLNet.FineTune.Losses;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Regularized dropout (Liang et al. 2021, "R-Drop: Regularized Dropout for Neural Networks", arXiv 2106.14448): each text goes through the
/// model twice, each time with other dropout, and both predictions shall be alike.
/// </summary>
/// <remarks>
/// The loss is the mean of both passes' losses plus <see cref="Weight"/> · ½ (KL(p‖q) + KL(q‖p)), where p and q are what the passes predict;
/// of a text with several labels, the mean of that over the labels; of the words of texts, the mean over all words that have a label; of numbers, <see cref="Weight"/> times their squared difference, on the scale on which they are learnt. A step takes twice the time and memory. It needs dropout: the encoder's,
/// which works in the layers that train or carry a module and in those above, the head's, or the method's own.
/// </remarks>
public sealed record RDrop : ConsistencyRegularization
{
    internal const string Name = "r-drop";

    /// <inheritdoc/>
    public override string RegularizationName => Name;

    /// <summary>The paper's α: how much the difference of the two predictions counts beside the labels.</summary>
    /// <value>1, the largest of the values that the paper chooses from to fine-tune encoders, 0.1, 0.5 and 1; above 0.</value>
    [Range(0.1, 10.0, 1.0, true)]
    public double Weight { get; set; } = 1;

    internal override void Validate() => OptionRange.Positive(nameof(RDrop), Weight);

    internal override ConsistencyTraining CreateTraining(PeftAdapter adapter, Action<Action> evaluate) => new RDropTraining(Weight);
}
