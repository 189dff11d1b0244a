using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune;

/// <summary>
/// SemiEvol for classifiers (Luo et al. 2024, "Semi-supervised Fine-tuning for LLM Adaptation", arXiv 2410.14745): what the labels say reaches the other texts through the
/// weights, which are fine-tuned on them, and through the nearest labelled texts; several predictions of each text are compared, and what they agree on,
/// or are still sure of, is learnt beside the labelled texts.
/// </summary>
/// <remarks>
/// The paper's models are generative. A classifier has no prompt for neighbours to stand in: their classes are mixed with its prediction instead. The paper's several runs of one model are
/// predictions under dropout; where there is none they agree, and all texts are kept. In place of reflection on disputed texts stands the mean prediction.
/// </remarks>
[SelfTrainingMethodName("semievol")]
public sealed record SemiEvol : SelfTrainingMethod
{
    /// <summary>How often texts are labelled anew, each time by the model of the round before.</summary>
    /// <value>Default 1; at least 1.</value>
    [Range(1, 5, 1)]
    public int Rounds { get; init; } = 1;

    /// <summary>How many predictions of a text are compared.</summary>
    /// <value>Default 4; at least 2.</value>
    [Range(2, 8, 4)]
    public int Predictions { get; init; } = 4;

    /// <summary>How many labelled neighbours a text has, by the cosine of embeddings.</summary>
    /// <value>Default 3; at least 1.</value>
    [Range(1, 10, 3)]
    public int NeighborCount { get; init; } = 3;

    /// <summary>The share of the neighbours in a prediction.</summary>
    /// <value>Default 0.3; from 0 to below 1.</value>
    [Range(0.0, 0.9, 0.3)]
    public double NeighborWeight { get; init; } = 0.3;

    /// <summary>Of the texts that predictions disagree on, the share that is kept: those of the lowest entropy.</summary>
    /// <value>Default 0.3; 0 to 1.</value>
    [Range(0.0, 1.0, 0.3)]
    public double DisputedShare { get; init; } = 0.3;

    /// <summary>Whether a round begins with the original encoder, instead of the model that labelled the texts.</summary>
    /// <value>Default <see langword="false"/>, as in the paper's code.</value>
    [BooleanChoice(false)]
    public bool Restart { get; init; }

    /// <summary>How a round trains on the labelled texts and the kept ones.</summary>
    /// <value>Default <see langword="null"/>: as on the labelled texts.</value>
    public TrainingOptions? Evolution { get; init; }

    internal override void Validate()
    {
        Require(Rounds >= 1, Rounds, "at least 1");
        Require(Predictions >= 2, Predictions, "at least 2");
        Require(NeighborCount >= 1, NeighborCount, "at least 1");
        Require(NeighborWeight is >= 0 and < 1, NeighborWeight, "at least 0 and below 1");
        Require(DisputedShare is >= 0 and <= 1, DisputedShare, "0 to 1");
        Evolution?.Validate();
    }

    internal override void Train(SelfTrainingRun run)
    {
        run.TrainOnLabeled();
        run.Remember();
        for (int round = 1; round <= Rounds; round++)
        {
            PseudoLabels neighbors = run.AskNeighbors(NeighborCount);
            PseudoLabels[] predictions = [.. Enumerable.Range(0, Predictions).Select(_ => Collaboration.Mean([run.PredictWithDropout(run.Unlabeled)], neighbors, NeighborWeight))];
            PseudoLabels labels = Collaboration.Mean(predictions, neighbors, weight: 0);
            int[] kept = Collaboration.Select(predictions, labels, DisputedShare);
            if (run.Collapsed(round, labels, kept, run.TrueLabels))
                return;
            if (Restart)
                run.Restart();
            run.Train(
                new EncodedTexts(run.Labeled.Batches.Concat(run.Unlabeled.Rows(kept)), [.. run.Labeled.Labels, .. kept.Select(labels.Label)], run.WeightsWith(kept.Length)),
                run.Phase(Evolution));
            run.EndRound(round, labels, kept, run.TrueLabels);
        }
    }
}
