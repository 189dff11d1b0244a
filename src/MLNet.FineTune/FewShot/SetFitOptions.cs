using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Options of the trainers that make a classifier of few labelled texts, each of one class: contrastive fine-tuning of the encoder, a head on its embeddings, then training of both together.</summary>
public class SetFitOptions : SetFitTrainerOptions
{
    /// <summary>Options with their defaults.</summary>
    [SuppressMessage("ApiDesign", "RS0022", Justification = "What a class of a user's could override is internal.")]
    public SetFitOptions()
    {
    }

    /// <summary>
    /// The text that makes an example of the name of each class, for instance <c>This is about {}.</c>, where <c>{}</c> stands for the name.
    /// Underscores become spaces, and names in camel case become words. The examples are learnt beside the others, and never part of validation.
    /// </summary>
    /// <value>
    /// Default <see langword="null"/>: <c>This is about {}.</c> where the names of the classes are words, as <c>positive</c> and <c>negative</c> or <c>card_arrival</c> and <c>lost_card</c> are,
    /// and none where they are not, as <c>0</c> and <c>1</c> or <c>LABEL_0</c> and <c>LABEL_1</c>. An empty text: none. With any other the label must be a key with values.
    /// </value>
    public string? LabelNameTemplate { get; set; }

    /// <summary>How many examples the name of each class makes; has no effect where <see cref="LabelNameTemplate"/> makes none.</summary>
    /// <value>Default 1; at least 1.</value>
    [Range(1, 8, 1)]
    public int LabelNameExamples { get; set; } = 1;

    /// <summary>How encoder and head learn the classes together once the head is fitted.</summary>
    /// <value>Default <see cref="EndToEndTuning"/> with its defaults; <see langword="null"/> for the paper's two phases.</value>
    [NestOption]
    public EndToEndTuning? EndToEnd { get; set; } = new();

    internal override bool LearnsClassNames => !string.IsNullOrEmpty(LabelNameTemplate);

    internal override void Validate()
    {
        base.Validate();
        Require(string.IsNullOrEmpty(LabelNameTemplate) || FewShot.LabelNameTemplate.IsValid(LabelNameTemplate), nameof(LabelNameTemplate), $"'{LabelNameTemplate}'",
            $"null, an empty text, or one with '{FewShot.LabelNameTemplate.Placeholder}', which stands for the name, such as '{FewShot.LabelNameTemplate.Default}'");
        EndToEnd?.Validate();
        Require(LabelNameExamples >= 1, nameof(LabelNameExamples), LabelNameExamples, "at least 1");
    }

    private protected override EndToEndPhase? CreateEndToEndPhase() => EndToEnd?.ToPhase(Training);

    private protected override FineTuneTask Extend(FineTuneTask tuning) => tuning with { Extra = LabelNameRows(tuning.ClassNames) };

    /// <summary>The examples that the names of the classes make; null for none.</summary>
    /// <exception cref="InvalidOperationException">The classes have no names.</exception>
    internal LabelledTexts? LabelNameRows(IReadOnlyList<string>? names)
    {
        if (LabelNameTemplate is null)
            return names is not null && FewShot.LabelNameTemplate.AreWords(names) ? FewShot.LabelNameTemplate.Rows(FewShot.LabelNameTemplate.Default, names, LabelNameExamples) : null;
        if (LabelNameTemplate.Length == 0)
            return null;
        if (names is null)
            throw new InvalidOperationException(
                $"{GetType().Name}.{nameof(LabelNameTemplate)} makes examples of the names of the classes, but the label column '{LabelColumnName}' has none: it is no key with values. " +
                $"Make it one with MapValueToKey, for a multiclass trainer, or set {nameof(LabelNameTemplate)} = null.");
        return FewShot.LabelNameTemplate.Rows(LabelNameTemplate, names, LabelNameExamples);
    }
}
