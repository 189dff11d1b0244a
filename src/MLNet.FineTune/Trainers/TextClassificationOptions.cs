using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Options of the trainers that fine-tune a pretrained encoder to classify texts or pairs of texts.</summary>
public sealed class TextClassificationOptions : TextTrainerOptions
{
    /// <summary>What the classification head is before it is trained together with the encoder.</summary>
    /// <value>Default <see cref="HeadInitialization.Auto"/>.</value>
    public HeadInitialization HeadInitialization { get; set; }

    /// <summary>What is fitted on the texts' embeddings where the head starts from a linear probe, as <see cref="HeadInitialization"/> says.</summary>
    /// <value>Default <see cref="LogisticRegressionHead"/>.</value>
    public SetFitHead LinearProbe { get; set; } = new LogisticRegressionHead();

    /// <summary>How the encoder reads pairs of texts: both in one input, or each by itself.</summary>
    /// <value>Default <see cref="MLNet.FineTune.PairEncoding.Auto"/>. Has no effect on single texts.</value>
    public PairEncoding PairEncoding { get; set; }

    /// <summary>Prompt-based fine-tuning: puts texts into a sentence with a hidden word, and lets the encoder's head for hidden words classify them.</summary>
    /// <value>Default <see langword="null"/>: a classification head. With a prompt there is neither a linear probe nor <see cref="TextTrainerOptions.Pooling"/>.</value>
    public ClozePrompt? Prompt { get; set; }

    /// <summary>Teaches the model to predict the same of a text that goes through it several times: with other dropout (<see cref="RDrop"/>), or with word embeddings changed for the worst (<see cref="Smart"/>).</summary>
    /// <value>Default <see langword="null"/>: each text goes through once a step.</value>
    public ConsistencyRegularization? Consistency { get; set; }

    internal override void Validate()
    {
        base.Validate();
        ValidateHead(HeadInitialization, LinearProbe);
        ValidatePairs(PairEncoding);
        Prompt?.Validate();
        Require(Prompt is null || PairEncoding != PairEncoding.Separate, nameof(PairEncoding), PairEncoding, $"{PairEncoding.Auto} or {PairEncoding.Joint} with {nameof(Prompt)}, whose template has both texts");
        Consistency?.Validate();
        Require(Prompt is null || HeadInitialization != HeadInitialization.LinearProbe, nameof(HeadInitialization), HeadInitialization, $"{HeadInitialization.Auto} with {nameof(Prompt)}, which has no head to fit");
        Require(Prompt is null || Pooling is null, nameof(Pooling), Pooling, $"null with {nameof(Prompt)}, which reads the class at its mask");
    }

    internal override ConsistencyRegularization? Regularization => Consistency;

    internal override ClozePrompt? TextPrompt => Prompt;

    internal override PairEncoding TextPairs => PairEncoding;

    internal override ProbedHead? ProbedHead => Prompt is null ? CreateProbe(HeadInitialization, LinearProbe) : null;
}
