using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.FewShot;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Options of the trainer that makes a classifier of few texts with any number of labels each.</summary>
/// <remarks>The label column is a vector of keys (<c>TokenizeIntoWords</c> and <c>MapValueToKey</c> make one of texts like "joy,surprise"), or a vector of known size of Boolean, Single or Double with a slot for each label.</remarks>
public sealed class SetFitMultiLabelOptions : SetFitTrainerOptions
{
    /// <summary>How labels are decided on.</summary>
    /// <value>Default <see cref="MultiLabelStrategy.OneVsRest"/>.</value>
    [Choice(MultiLabelStrategy.OneVsRest, MultiLabelStrategy.ClassifierChain)]
    public MultiLabelStrategy Strategy { get; set; } = MultiLabelStrategy.OneVsRest;

    /// <summary>In which order a <see cref="MultiLabelStrategy.ClassifierChain"/> decides; not used by the others.</summary>
    /// <value>Default <see cref="LabelChainOrder.ByIndex"/>.</value>
    public LabelChainOrder ChainOrder { get; set; } = LabelChainOrder.ByIndex;

    /// <summary>A text has the labels whose probability is above this. In a chain it also decides what later labels see.</summary>
    /// <value>Default 0.5; above 0 and below 1.</value>
    [Range(0.05f, 0.95f, 0.5f)]
    public float Threshold { get; set; } = 0.5f;

    internal override void Validate()
    {
        base.Validate();
        Require(Enum.IsDefined(Strategy), nameof(Strategy), Strategy, string.Join(", ", Enum.GetNames<MultiLabelStrategy>()));
        Require(Enum.IsDefined(ChainOrder), nameof(ChainOrder), ChainOrder, string.Join(", ", Enum.GetNames<LabelChainOrder>()));
        Require(Threshold is > 0 and < 1, nameof(Threshold), Threshold, "a number above 0 and below 1");
        Require(Training.ClassWeights is null, $"{nameof(Training)}.{nameof(Training.ClassWeights)}", "set", $"null: each label is decided on by itself, and {nameof(Training.ClassWeighting)}.{nameof(ClassWeighting.Balanced)} gives the texts that have it as much weight as the others");
        Require(Training.ValidationMetric != ValidationMetric.AreaUnderRocCurve, $"{nameof(Training)}.{nameof(Training.ValidationMetric)}", Training.ValidationMetric,
            $"{ValidationMetric.Accuracy} (of whole label sets), {ValidationMetric.MacroF1} or {ValidationMetric.LogLoss}");
    }

    private protected override IHeadTrainer CreateHeadTrainer(FineTuneTask tuning) => new MultiLabelHeadTrainer(base.CreateHeadTrainer(tuning), Strategy, ChainOrder, Threshold, tuning.Seed);
}
