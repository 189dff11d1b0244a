using MLNet.FineTune.Losses;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Smoothness-inducing adversarial regularisation, with Bregman proximal points where asked for (Jiang et al. 2019, "SMART: Robust and Efficient
/// Fine-Tuning for Pre-trained Natural Language Models through Principled Regularized Optimization", arXiv 1911.03437).
/// </summary>
/// <remarks>
/// To the loss is added <see cref="Weight"/> · (KL(p‖q) + KL(q‖p)), where p is what is predicted of a text and q what is predicted once its word
/// embeddings, before positions and normalisation, have moved by at most <see cref="Epsilon"/> a number to where that is largest, as
/// <see cref="AscentSteps"/> of gradient ascent find it; of numbers, <see cref="Weight"/> times their squared difference. Each pass has dropout of its own, as in the authors' code. A step takes two to three times the time
/// and twice the memory, with one step of ascent, and the outputs of frozen layers cannot be kept, since the words below them change; gradients
/// go down to the words with every method, those that train only what is above or beside the encoder too.
/// </remarks>
public sealed record Smart : ConsistencyRegularization
{
    internal const string Name = "smart";

    /// <inheritdoc/>
    public override string RegularizationName => Name;

    /// <summary>The paper's λ: how much the difference of the two predictions counts beside the labels.</summary>
    /// <value>1, the least of the paper's 1, 3 and 5; above 0.</value>
    [Range(0.1, 10.0, 1.0, true)]
    public double Weight { get; set; } = 1;

    /// <summary>The most by which any number of a word embedding moves.</summary>
    /// <value>1e-5, the paper's; above 0.</value>
    [Range(1e-6, 1e-1, 1e-5, true)]
    public double Epsilon { get; set; } = 1e-5;

    /// <summary>The paper's σ: the standard deviation of the random numbers from which the ascent starts.</summary>
    /// <value>1e-5, the paper's; above 0.</value>
    [Range(1e-6, 1e-1, 1e-5, true)]
    public double NoiseDeviation { get; set; } = 1e-5;

    /// <summary>Steps of gradient ascent.</summary>
    /// <value>1, the paper's; 0 leaves the random numbers as they are, as R3F does (arXiv 2008.03156).</value>
    [Range(0, 3, 1)]
    public int AscentSteps { get; set; } = 1;

    /// <summary>The paper's η: how far a step of ascent moves the number of a text whose gradient is largest; the others move in proportion.</summary>
    /// <value>1e-3, the paper's; above 0.</value>
    [Range(1e-5, 1e-1, 1e-3, true)]
    public double StepSize { get; set; } = 1e-3;

    /// <summary>The paper's μ: how much it counts that predictions stay near those that a running mean of the weights, the proximal point, makes without dropout. One more pass forwards a step, and one more copy of what trains.</summary>
    /// <value>0: no proximal point; the paper's is 1.</value>
    [Range(0.0, 5.0, 0.0)]
    public double ProximalWeight { get; set; }

    /// <summary>The paper's β: the share of the running mean that stays at a step; in the first tenth of all steps no more than 0.99 does.</summary>
    /// <value>0.999, the paper's; from 0 to below 1.</value>
    [Range(0.9, 0.9999, 0.999)]
    public double ProximalMomentum { get; set; } = 0.999;

    internal override void Validate()
    {
        OptionRange.Positive(nameof(Smart), Weight);
        OptionRange.Positive(nameof(Smart), Epsilon);
        OptionRange.Positive(nameof(Smart), NoiseDeviation);
        OptionRange.Require(AscentSteps >= 0, nameof(Smart), nameof(AscentSteps), AscentSteps, "at least 0");
        OptionRange.Positive(nameof(Smart), StepSize);
        OptionRange.Require(ProximalWeight >= 0 && double.IsFinite(ProximalWeight), nameof(Smart), nameof(ProximalWeight), ProximalWeight, "a finite number of 0 or more");
        OptionRange.Share(nameof(Smart), ProximalMomentum);
    }

    internal override ConsistencyTraining CreateTraining(PeftAdapter adapter, Action<Action> evaluate) => new SmartTraining(this, adapter.Model.Encoder.Embeddings.Site, evaluate);
}
