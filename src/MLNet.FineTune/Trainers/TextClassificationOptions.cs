using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Options of the trainers that fine-tune a pretrained encoder to classify texts or pairs of texts.</summary>
public sealed class TextClassificationOptions : TextTrainerOptions
{
    /// <summary>What is fitted on the texts' embeddings before the encoder is fine-tuned, which starts from that head: linear probing, then fine-tuning (Kumar et al. 2022, arXiv 2202.10054), for few labelled texts.</summary>
    /// <value>Default <see langword="null"/>: a random head.</value>
    public SetFitHead? LinearProbe { get; set; }

    internal override void Validate()
    {
        base.Validate();
        LinearProbe?.Validate();
    }

    internal override Func<FineTuneTask, IHeadTrainer>? CreateLinearProbe => LinearProbe is { } head ? head.CreateTrainer : null;
}
