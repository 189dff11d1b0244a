using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune;

/// <summary>
/// COSINE: contrastive-regularised self-training (Yu et al. 2021, "Fine-Tuning Pre-trained Language Model with Weak Supervision", arXiv 2010.07835). The encoder
/// is fine-tuned for some steps on labels that may be wrong; then it learns from its own predictions on all texts, labelled or not, weighted by how certain
/// they are, while like texts are pulled together, others pushed apart, and too much confidence is held back.
/// </summary>
/// <remarks>
/// The labels may come from a label model, one for all rows or for some; rows of the training data without a label are learnt from too. With few labels that
/// are right, set <see cref="TrustLabels"/>. The loss of the second stage is the mean over the certain texts of a batch of ω · KL(ỹ ‖ f), plus the two regularisers.
/// </remarks>
[SelfTrainingMethodName("cosine")]
public sealed record Cosine : SelfTrainingMethod
{
    /// <summary>Most steps of the first stage, whose other options are those of the training on labelled rows: it ends before wrong labels are learnt by heart.</summary>
    /// <value>Default 150; at least 1.</value>
    [Range(20, 1000, 150, true)]
    public int InitialSteps { get; init; } = 150;

    /// <summary>Steps of the second stage.</summary>
    /// <value>Default 2500; at least 1. Multiplied by <see cref="StepScale"/>.</value>
    [Range(100, 10000, 2500, true)]
    public int Steps { get; init; } = 2500;

    /// <summary>Steps of the second stage after which all texts are predicted anew: with many more texts than the steps between see, that is most of the work.</summary>
    /// <value>Default 250; at least 1. Multiplied by <see cref="StepScale"/>.</value>
    [Range(20, 1000, 250, true)]
    public int UpdateEverySteps { get; init; } = 250;

    /// <summary>Multiplies the numbers of steps of the second stage, for data much smaller or larger than the paper's.</summary>
    /// <value>Default 1; above 0.</value>
    public double StepScale { get; init; } = 1;

    /// <summary>Texts whose certainty ω = 1 − H(ỹ) / ln C is not above this are left out of a step (ξ in the paper).</summary>
    /// <value>Default 0.6; from 0 to below 1.</value>
    [Range(0.0, 0.95, 0.6)]
    public double ConfidenceThreshold { get; init; } = 0.6;

    /// <summary>The power to which predicted probabilities are raised, before they are divided by the frequency of their class and brought to sum one.</summary>
    /// <value>Default 2; at least 1.</value>
    [Range(1.0, 4.0, 2.0)]
    public double Power { get; init; } = 2;

    /// <summary>How much the contrastive regulariser counts.</summary>
    /// <value>Default 1; 0 or more.</value>
    [Range(0.0, 2.0, 1.0)]
    public double ContrastiveWeight { get; init; } = 1;

    /// <summary>How far apart texts of different pseudo-labels are pushed, in units of <see cref="Distance"/>.</summary>
    /// <value>Default 1; above 0.</value>
    [Range(0.1, 2.0, 1.0)]
    public double Margin { get; init; } = 1;

    /// <summary>The distance of embeddings: Euclidean over the root of their width, or one less their cosine.</summary>
    /// <value>Default <see cref="EmbeddingDistance.Euclidean"/>.</value>
    [Choice(EmbeddingDistance.Euclidean, EmbeddingDistance.Cosine)]
    public EmbeddingDistance Distance { get; init; } = EmbeddingDistance.Euclidean;

    /// <summary>How much the regulariser KL(u ‖ f) counts, which holds confidence back (λ in the paper).</summary>
    /// <value>Default 0.1; 0 or more.</value>
    [Range(0.0, 0.5, 0.1)]
    public double ConfidenceWeight { get; init; } = 0.1;

    /// <summary>Whether the labels given are right: then they stay in the second stage, where else they give way to predictions.</summary>
    /// <value>Default <see langword="false"/>: weak labels.</value>
    [BooleanChoice(false)]
    public bool TrustLabels { get; init; }

    /// <summary>Whether a model that trusts its labels is fine-tuned on them once more at the end, as after pre-training on pseudo-labels (<see cref="PseudoLabelPretraining"/>).</summary>
    /// <value>Default <see langword="true"/>. Without <see cref="TrustLabels"/> it does nothing. The paper's labels are weak, and it ends with the second stage.</value>
    [BooleanChoice(true)]
    public bool FineTuneOnLabels { get; init; } = true;

    /// <summary>Optimiser of the second stage. Its number of steps is <see cref="Steps"/>; with validation rows it evaluates each time that texts are predicted anew, unless it says otherwise.</summary>
    /// <value>Default <see langword="null"/>: as in the first stage.</value>
    public TrainingOptions? SelfTraining { get; init; }

    internal override bool NeedsUnlabeled => false;

    /// <summary>A number of steps, scaled; at least 1.</summary>
    internal int Scaled(int steps) => Math.Max(1, (int)Math.Round(steps * StepScale));

    internal override void Validate()
    {
        Require(InitialSteps >= 1, InitialSteps, "at least 1");
        Require(Steps >= 1, Steps, "at least 1");
        Require(UpdateEverySteps >= 1, UpdateEverySteps, "at least 1");
        Require(StepScale > 0 && double.IsFinite(StepScale), StepScale, "a number above 0");
        Require(ConfidenceThreshold is >= 0 and < 1, ConfidenceThreshold, "at least 0 and below 1");
        Require(Power >= 1 && double.IsFinite(Power), Power, "a number of at least 1");
        Require(ContrastiveWeight >= 0 && double.IsFinite(ContrastiveWeight), ContrastiveWeight, "a number of 0 or more");
        Require(Margin > 0 && double.IsFinite(Margin), Margin, "a number above 0");
        Require(Enum.IsDefined(Distance), Distance, string.Join(", ", Enum.GetNames<EmbeddingDistance>()));
        Require(ConfidenceWeight >= 0 && double.IsFinite(ConfidenceWeight), ConfidenceWeight, "a number of 0 or more");
        SelfTraining?.Validate();
    }

    internal override void Train(SelfTrainingRun run)
    {
        run.Train(run.Labeled, FirstStage(run));
        run.Remember();
        TextBatches texts = run.Labeled.Batches.Concat(run.Unlabeled);
        var objective = new CosineObjective(this, run, texts);
        var refresh = new CosineRefresh(this, run, texts, objective);
        TrainingOptions options = run.Phase(SelfTraining);
        options.MaxSteps = Scaled(Steps);
        if (run.Validates)
            options.EvaluateEverySteps ??= Scaled(UpdateEverySteps);
        bool collapsed = run.Once(() =>
        {
            run.Train(texts, _ => objective, options, refresh);
            if (refresh.Collapsed)
                run.ReturnToGood(); // the step that was under way, and the best by validation, came after
            return refresh.Collapsed;
        });
        run.Remember();
        if (!TrustLabels || !FineTuneOnLabels || collapsed)
            return;
        run.TrainOnLabeled();
        run.Remember();
    }

    private TrainingOptions FirstStage(SelfTrainingRun run)
    {
        TrainingOptions options = run.Phase(null);
        int batches = (run.Labeled.Count + options.BatchSize - 1) / options.BatchSize;
        int steps = options.MaxSteps ?? options.Epochs * ((batches + options.AccumulationSteps - 1) / options.AccumulationSteps);
        options.MaxSteps = Math.Min(steps, InitialSteps);
        return options;
    }
}
