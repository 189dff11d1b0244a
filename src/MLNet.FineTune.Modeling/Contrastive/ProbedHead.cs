using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>A head that is fitted on embeddings before it is trained together with the encoder.</summary>
/// <param name="CreateTrainer">Makes what fits it.</param>
/// <param name="Auto">Whether there is one only where it helps (<see cref="Serves"/>), and a random head elsewhere.</param>
/// <param name="MostRows">The most texts that it is fitted on. 20,000 show well where to start; with more, fitting takes memory and time that training uses better.</param>
internal sealed record ProbedHead(Func<FineTuneTask, IHeadTrainer> CreateTrainer, bool Auto = false, int MostRows = 20_000)
{
    /// <summary>With more texts a class, the head would fit them so well that the encoder has little left to learn.</summary>
    public const int FewTextsPerClass = 64;

    /// <summary>Whether it is asked for in any case, or the encoder is pretrained and made for text embeddings, and labelled texts are few.</summary>
    public bool Serves(FineTuneTask task, PretrainedEncoder encoder) =>
        !Auto || (encoder.Pooling is not null && encoder.HasWeights && task.Data.Inputs.Count <= (long)FewTextsPerClass * task.ClassCount);
}
