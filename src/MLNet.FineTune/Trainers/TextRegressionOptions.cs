using MLNet.FineTune.Contrastive;
using MLNet.FineTune.FewShot;
using MLNet.FineTune.Training;

namespace MLNet.FineTune;

/// <summary>Options of the trainer that fine-tunes a pretrained encoder to predict a number for texts or pairs of texts.</summary>
/// <remarks>
/// There are no classes: <see cref="TextTrainerOptions.PredictedLabelColumnName"/> and <see cref="TextTrainerOptions.ProbabilityColumnName"/> name columns that are not written.
/// The validation metric is <see cref="ValidationMetric.RootMeanSquaredError"/> unless another one of numbers is set; training options made anew have one of classes, and need one of numbers where there is validation.
/// </remarks>
public sealed class TextRegressionOptions : TextTrainerOptions
{
    private const int FewTexts = 128;

    /// <summary>Makes options with the defaults of regression.</summary>
    public TextRegressionOptions() => Training.ValidationMetric = ValidationMetric.RootMeanSquaredError;

    /// <summary>What the head is before it is trained together with the encoder: of random weights, or ridge regression on the texts' embeddings, whose penalty is found by leaving out each text once.</summary>
    /// <value>Default <see cref="HeadInitialization.Auto"/>.</value>
    public HeadInitialization HeadInitialization { get; set; }

    /// <summary>How the encoder reads pairs of texts: both in one input, or each by itself.</summary>
    /// <value>Default <see cref="MLNet.FineTune.PairEncoding.Auto"/>. Has no effect on single texts.</value>
    public PairEncoding PairEncoding { get; set; }

    /// <summary>Teaches the model to predict the same number of a text that goes through it several times: with other dropout (<see cref="RDrop"/>), or with word embeddings changed for the worst (<see cref="Smart"/>).</summary>
    /// <value>Default <see langword="null"/>: each text goes through once a step.</value>
    public ConsistencyRegularization? Consistency { get; set; }

    internal override ConsistencyRegularization? Regularization => Consistency;

    internal override PairEncoding TextPairs => PairEncoding;

    internal override ProbedHead? ProbedHead => CreateProbe(HeadInitialization, task => new RidgeRegressionTrainer(task.Scale!), FewTexts);

    internal override void Validate()
    {
        base.Validate();
        ValidateHead(HeadInitialization);
        ValidatePairs(PairEncoding);
        Consistency?.Validate();
        Require(Training.LabelSmoothing == 0, $"{nameof(Training)}.{nameof(TrainingOptions.LabelSmoothing)}", Training.LabelSmoothing, "0: a number is not smoothed");
        Require(Training.ClassWeighting == ClassWeighting.None && Training.ClassWeights is null, $"{nameof(Training)}.{nameof(TrainingOptions.ClassWeighting)}", Training.ClassWeighting, "none: there are no classes; give rows weights by ExampleWeightColumnName");
        RequireMetric(RegressionMetrics.Defined);
    }
}
