using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune;

/// <summary>
/// Expectation maximisation (Nigam, McCallum, Thrun, Mitchell 2000, "Text Classification from Labeled and Unlabeled Documents using EM", Machine Learning 39): a naive Bayes model of each
/// class's words is fitted to all texts, with the encoder's prediction as each text's prior; what the two together take the texts for is what the encoder learns.
/// </summary>
/// <remarks>
/// <para>
/// The encoder knows what words mean, and so tells classes apart from a few examples; which words go together in these texts it was never told. The two views err in
/// different places, as those of co-training do (Blum and Mitchell 1998). Fitting it takes seconds, beside the training of the encoder, and helps most where classes are topics, with thousands of texts.
/// </para>
/// <para>In the paper the classes' frequencies are the prior; labelled rows drawn class by class say nothing of those.</para>
/// </remarks>
[SelfTrainingMethodName("em")]
public sealed record ExpectationMaximization : SelfTrainingMethod
{
    /// <summary>How often texts are labelled anew, each time with the prediction of the encoder of the round before.</summary>
    /// <value>Default 1; at least 1.</value>
    [Range(1, 5, 1)]
    public int Rounds { get; init; } = 1;

    /// <summary>Iterations of expectation maximisation in a round.</summary>
    /// <value>Default 12; at least 1.</value>
    [Range(1, 50, 12)]
    public int Iterations { get; init; } = 12;

    /// <summary>What a text without label counts when word distributions are fitted, a labelled one counting one: the paper's λ.</summary>
    /// <value>Default 0.3; above 0, up to 1.</value>
    [Range(0.01, 1.0, 0.3)]
    public double UnlabeledWeight { get; init; } = 0.3;

    /// <summary>What the words count beside the encoder: multiplies the logarithm of their likelihood. Naive Bayes takes words for independent and is surer than it should be.</summary>
    /// <value>Default 0.5; above 0, up to 1, which is the paper's.</value>
    [Range(0.05, 1.0, 0.5)]
    public double WordWeight { get; init; } = 0.5;

    /// <summary>Added to the count of each word in each class.</summary>
    /// <value>Default 0.1; above 0. The paper's is 1, for longer texts.</value>
    [Range(0.01, 1.0, 0.1)]
    public double Smoothing { get; init; } = 0.1;

    /// <summary>
    /// Whether the encoder is fine-tuned on the labelled texts before its first prediction. Else that is of the untrained encoder with the head that was fitted on its embeddings; with a head
    /// that starts at random, the encoder is always trained.
    /// </summary>
    /// <value>Default <see langword="false"/>: fine-tuning on a few texts makes a model surer, and often no better.</value>
    [BooleanChoice(false)]
    public bool TrainTeacher { get; init; }

    /// <summary>What of the texts' classes the encoder learns.</summary>
    /// <value>Default <see cref="PseudoLabelKind.Soft"/>.</value>
    [Choice(PseudoLabelKind.Soft, PseudoLabelKind.Hard)]
    public PseudoLabelKind Labels { get; init; } = PseudoLabelKind.Soft;

    /// <summary>How the encoder is trained on the labelled texts and the others together.</summary>
    /// <value>Default <see langword="null"/>: as on the labelled texts.</value>
    public TrainingOptions? SelfTraining { get; init; }

    internal override void Validate()
    {
        Require(Rounds >= 1, Rounds, "at least 1");
        Require(Iterations >= 1, Iterations, "at least 1");
        Require(UnlabeledWeight is > 0 and <= 1, UnlabeledWeight, "above 0, up to 1");
        Require(WordWeight is > 0 and <= 1, WordWeight, "above 0, up to 1");
        Require(Smoothing > 0 && double.IsFinite(Smoothing), Smoothing, "above 0");
        Require(Enum.IsDefined(Labels), Labels, string.Join(", ", Enum.GetNames<PseudoLabelKind>()));
        SelfTraining?.Validate();
    }

    internal override void Train(SelfTrainingRun run)
    {
        var options = new WordMixtureOptions(Iterations, UnlabeledWeight, WordWeight, Smoothing);
        if (TrainTeacher || !run.HasFittedHead)
            run.TrainOnLabeled();
        run.Remember();
        int[] all = [.. Enumerable.Range(0, run.Unlabeled.Count)];
        for (int round = 1; round <= Rounds; round++)
        {
            PseudoLabels prior = run.Predict(run.Unlabeled);
            PseudoLabels labels = run.Label(() => new WordMixture(run.Labeled.Batches, run.Labeled.Labels, run.Labeled.Weights, run.Unlabeled, prior, options).Fit(run.CheckAlive));
            if (run.Collapsed(round, labels, all, run.TrueLabels))
                return;
            run.Restart();
            Learn(run, Labels == PseudoLabelKind.Soft ? labels : labels.Hard());
            run.EndRound(round, labels, all, run.TrueLabels);
        }
    }

    private void Learn(SelfTrainingRun run, PseudoLabels labels)
    {
        TextBatches texts = run.Labeled.Batches.Concat(run.Unlabeled);
        float[] targets = [.. PseudoLabels.Of(run.Labeled.Labels, labels.ClassCount).Probabilities, .. labels.Probabilities];
        run.Train(texts, logits => new SoftLabelObjective(logits, targets, labels.ClassCount, run.WeightsWith(labels.Count)), run.Phase(SelfTraining));
    }
}
