using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune;

/// <summary>
/// Pseudo-labels as a step of pre-training (Guo 2020, "Predictions for Pre-training Language Models", arXiv 2011.09031): the encoder is fine-tuned on
/// the labelled texts and labels the others; the original encoder is trained on those labels, and then on the labelled texts.
/// </summary>
[SelfTrainingMethodName("pseudo-labels")]
public sealed record PseudoLabelPretraining : SelfTrainingMethod
{
    /// <summary>How often texts are labelled anew, each time by the model of the round before.</summary>
    /// <value>Default 1; at least 1.</value>
    [Range(1, 5, 1)]
    public int Rounds { get; init; } = 1;

    /// <summary>Least probability of the predicted class; other texts are left out of the round.</summary>
    /// <value>Default 0: all are kept, as in the paper; up to below 1.</value>
    [Range(0.0, 0.99, 0.0)]
    public double Threshold { get; init; }

    /// <summary>Largest entropy of the predicted probabilities, as a share of its maximum.</summary>
    /// <value>Default 1: all are kept; above 0.</value>
    [Range(0.05, 1.0, 1.0)]
    public double MaxEntropy { get; init; } = 1;

    /// <summary>Most texts of a predicted class, those of the highest confidence.</summary>
    /// <value>Default <see langword="null"/>: no limit; at least 1.</value>
    public int? PerClass { get; init; }

    /// <summary>What is done so that classes that are predicted often do not drown the others.</summary>
    /// <value>Default <see cref="PseudoLabelBalance.None"/>.</value>
    [Choice(PseudoLabelBalance.None, PseudoLabelBalance.Undersample, PseudoLabelBalance.Weights)]
    public PseudoLabelBalance Balance { get; init; }

    /// <summary>What of a prediction is learnt.</summary>
    /// <value>Default <see cref="PseudoLabelKind.Hard"/>, as in the paper.</value>
    [Choice(PseudoLabelKind.Hard, PseudoLabelKind.Soft)]
    public PseudoLabelKind Labels { get; init; }

    /// <summary>How the original encoder is trained on pseudo-labels. Validation fraction, metric and checkpoints are those of the training on labelled texts.</summary>
    /// <value>Default <see langword="null"/>: as on the labelled texts.</value>
    public TrainingOptions? Pretraining { get; init; }

    internal override void Validate()
    {
        Require(Rounds >= 1, Rounds, "at least 1");
        Require(Threshold is >= 0 and < 1, Threshold, "at least 0 and below 1");
        Require(MaxEntropy is > 0 and <= 1, MaxEntropy, "above 0, up to 1");
        Require(PerClass is null or >= 1, PerClass, "null or at least 1");
        Require(Enum.IsDefined(Balance), Balance, string.Join(", ", Enum.GetNames<PseudoLabelBalance>()));
        Require(Enum.IsDefined(Labels), Labels, string.Join(", ", Enum.GetNames<PseudoLabelKind>()));
        Pretraining?.Validate();
    }

    internal override void Train(SelfTrainingRun run)
    {
        var selection = new PseudoLabelSelection(Threshold, MaxEntropy, PerClass, Balance);
        run.TrainOnLabeled();
        run.Remember();
        for (int round = 1; round <= Rounds; round++)
        {
            PseudoLabels labels = run.Predict(run.Unlabeled);
            (int[] kept, float[]? weights) = selection.Select(labels);
            if (run.Collapsed(round, labels, kept, run.TrueLabels))
                return;
            run.Restart();
            Pretrain(run, labels, kept, weights);
            run.TrainOnLabeled();
            run.EndRound(round, labels, kept, run.TrueLabels);
        }
    }

    private void Pretrain(SelfTrainingRun run, PseudoLabels labels, int[] kept, float[]? weights)
    {
        TextBatches texts = run.Unlabeled.Rows(kept);
        TrainingOptions options = run.Phase(Pretraining);
        if (Labels == PseudoLabelKind.Hard)
            run.Train(new EncodedTexts(texts, [.. kept.Select(labels.Label)], weights), options);
        else
            run.Train(texts, logits => new SoftLabelObjective(logits, [.. kept.SelectMany(row => labels[row].ToArray())], labels.ClassCount, weights), options);
    }
}
