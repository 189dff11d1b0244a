using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Options of the trainers that fine-tune a pretrained encoder to classify texts or pairs of texts.</summary>
public sealed class TextClassificationOptions : TextTrainerOptions
{
    /// <summary>What is fitted on the texts' embeddings before the encoder is fine-tuned, which starts from that head: linear probing, then fine-tuning (Kumar et al. 2022, arXiv 2202.10054), for few labelled texts.</summary>
    /// <value>Default <see langword="null"/>: a random head.</value>
    public SetFitHead? LinearProbe { get; set; }

    /// <summary>Prompt-based fine-tuning: puts texts into a sentence with a hidden word, and lets the encoder's head for hidden words classify them.</summary>
    /// <value>Default <see langword="null"/>: a classification head. With a prompt there is neither <see cref="LinearProbe"/> nor <see cref="TextTrainerOptions.Pooling"/>.</value>
    public ClozePrompt? Prompt { get; set; }

    /// <summary>Teaches the model to predict the same of a text that goes through it several times: with other dropout (<see cref="RDrop"/>), or with word embeddings changed for the worst (<see cref="Smart"/>).</summary>
    /// <value>Default <see langword="null"/>: each text goes through once a step.</value>
    public ConsistencyRegularization? Consistency { get; set; }

    internal override void Validate()
    {
        base.Validate();
        LinearProbe?.Validate();
        Prompt?.Validate();
        Consistency?.Validate();
        Require(Prompt is null || LinearProbe is null, nameof(LinearProbe), LinearProbe?.GetType().Name, $"null with {nameof(Prompt)}, which has no head to fit");
        Require(Prompt is null || Pooling is null, nameof(Pooling), Pooling, $"null with {nameof(Prompt)}, which reads the class at its mask");
    }

    internal override ConsistencyRegularization? Regularization => Consistency;

    internal override ClozePrompt? TextPrompt => Prompt;

    internal override Func<FineTuneTask, IHeadTrainer>? CreateLinearProbe => LinearProbe is { } head ? head.CreateTrainer : null;
}
