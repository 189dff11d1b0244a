using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>What all trainers are told that make a classifier of few labelled texts by contrastive fine-tuning of the encoder and a head on its embeddings.</summary>
/// <remarks>
/// <see cref="EncoderTrainerOptions.Training"/> is that of the first phase; its batch size is how many texts a step encodes, from which all pairs of the step are formed.
/// Pairs all count the same: example weights, class weights and label smoothing count in the head, and in training end to end.
/// By default it is one epoch of <see cref="PairSampling.Iterations"/> pairs a text, at a learning rate of 2e-5 for a whole encoder and in proportion for other methods, or 5e-4 for one that begins with random weights.
/// </remarks>
public abstract class SetFitTrainerOptions : TextTrainerOptions
{
    private protected SetFitTrainerOptions() => Training.Epochs = 1;

    /// <summary>What pulls texts of one class together and pushes those of different classes apart.</summary>
    /// <value>Default <see cref="CosineSimilarityLoss"/>, the paper's.</value>
    public EmbeddingLoss Loss { get; set; } = new CosineSimilarityLoss();

    /// <summary>Which pairs of texts are seen, and how often.</summary>
    /// <value>The defaults of <see cref="PairSampling"/>.</value>
    public PairSampling Pairs { get; set; } = new();

    /// <summary>What is fitted on the embeddings in the second phase.</summary>
    /// <value>Default <see cref="LogisticRegressionHead"/>.</value>
    public SetFitHead Head { get; set; } = new LogisticRegressionHead();

    /// <summary>Whether embeddings are brought to length one before the head.</summary>
    /// <value>Default <see langword="null"/>: where the encoder says so, as one of sentence-transformers with a <c>Normalize</c> module does and the default encoder too.</value>
    public bool? NormalizeEmbeddings { get; set; }

    internal override void Validate()
    {
        base.Validate();
        Require(Loss is not null, nameof(Loss), null, $"a loss, such as new {nameof(CosineSimilarityLoss)}()");
        Require(Pairs is not null, nameof(Pairs), null, nameof(PairSampling));
        Require(Head is not null, nameof(Head), null, $"a head, such as new {nameof(LogisticRegressionHead)}()");
        Loss!.Validate();
        Pairs!.Validate();
        Head!.Validate();
        Require(Training.LabelSmoothing == 0 || Head is DifferentiableHead, $"{nameof(Training)}.{nameof(Training.LabelSmoothing)}", Training.LabelSmoothing,
            $"0 with {nameof(LogisticRegressionHead)}, which learns labels as they are; {nameof(DifferentiableHead)} can smooth them");
    }

    /// <summary>The phases as the options say.</summary>
    internal SetFitTask CreateTask(FineTuneTask tuning) => new()
    {
        Tuning = Extend(tuning),
        Loss = Loss,
        Pairs = Pairs,
        Normalize = NormalizeEmbeddings,
        Head = CreateHeadTrainer(tuning),
        EndToEnd = CreateEndToEndPhase(),
    };

    /// <summary>The task with what the options add to it.</summary>
    private protected virtual FineTuneTask Extend(FineTuneTask tuning) => tuning;

    /// <summary>How encoder and head learn together once the head is fitted; null where they do not.</summary>
    private protected virtual EndToEndPhase? CreateEndToEndPhase() => null;

    /// <summary>What fits the head.</summary>
    private protected virtual IHeadTrainer CreateHeadTrainer(FineTuneTask tuning) => Head.CreateTrainer(tuning);
}
