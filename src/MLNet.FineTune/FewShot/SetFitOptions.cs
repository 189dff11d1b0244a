using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Options of the trainers that make a classifier of few labelled texts in two phases: contrastive fine-tuning of the encoder, then a head on its embeddings.</summary>
/// <remarks><see cref="TextTrainerOptions.Training"/> is that of the first phase; its batch size is how many texts a step encodes, from which all pairs of the step are formed.</remarks>
public class SetFitOptions : TextTrainerOptions
{
    /// <summary>Options with their defaults: one epoch of <see cref="PairSampling.Iterations"/> pairs a text, at a learning rate of 2e-5 for a whole encoder and in proportion for other methods.</summary>
    [SuppressMessage("ApiDesign", "RS0022", Justification = "What a class of a user's could override is internal.")]
    public SetFitOptions() => Training.Epochs = 1;

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
    /// <value>Default <see langword="false"/>.</value>
    public bool NormalizeEmbeddings { get; set; }

    /// <summary>
    /// The text that makes an example of the name of each class, for instance <c>This is about {}.</c>, where <c>{}</c> stands for the name.
    /// Underscores become spaces, and names in camel case become words. The examples are learnt beside the others, and never part of validation.
    /// </summary>
    /// <value>Default <see langword="null"/>: none. The label must be a key with values.</value>
    public string? LabelNameTemplate { get; set; }

    /// <summary>How many examples the name of each class makes; has no effect without <see cref="LabelNameTemplate"/>.</summary>
    /// <value>Default 1; at least 1.</value>
    [Range(1, 8, 1)]
    public int LabelNameExamples { get; set; } = 1;

    internal override void Validate()
    {
        base.Validate();
        Require(LabelNameTemplate is null || FewShot.LabelNameTemplate.IsValid(LabelNameTemplate), nameof(LabelNameTemplate), $"'{LabelNameTemplate}'",
            $"null or a text with '{FewShot.LabelNameTemplate.Placeholder}', which stands for the name, such as '{FewShot.LabelNameTemplate.Default}'");
        Require(LabelNameExamples >= 1, nameof(LabelNameExamples), LabelNameExamples, "at least 1");
        Require(Loss is not null, nameof(Loss), null, $"a loss, such as new {nameof(CosineSimilarityLoss)}()");
        Require(Pairs is not null, nameof(Pairs), null, nameof(PairSampling));
        Require(Head is not null, nameof(Head), null, $"a head, such as new {nameof(LogisticRegressionHead)}()");
        Loss!.Validate();
        Pairs!.Validate();
        Head!.Validate();
    }

    internal SetFitTask CreateTask(FineTuneTask tuning) => new()
    {
        Tuning = tuning with { Extra = LabelNameRows(tuning.ClassNames) },
        Loss = Loss,
        Pairs = Pairs,
        Normalize = NormalizeEmbeddings,
        Head = Head.CreateTrainer(tuning),
        EndToEnd = Head.EndToEndTraining(tuning.Training),
    };

    /// <summary>The examples that the names of the classes make; null for none.</summary>
    /// <exception cref="InvalidOperationException">The classes have no names.</exception>
    internal LabelledTexts? LabelNameRows(IReadOnlyList<string>? names)
    {
        if (LabelNameTemplate is null)
            return null;
        if (names is null)
            throw new InvalidOperationException(
                $"{GetType().Name}.{nameof(LabelNameTemplate)} makes examples of the names of the classes, but the label column '{LabelColumnName}' has none: it is no key with values. " +
                $"Make it one with MapValueToKey, for a multiclass trainer, or set {nameof(LabelNameTemplate)} = null.");
        return FewShot.LabelNameTemplate.Rows(LabelNameTemplate, names, LabelNameExamples);
    }
}
