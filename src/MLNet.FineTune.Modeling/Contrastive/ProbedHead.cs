using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>A head that is fitted on embeddings before it is trained together with the encoder.</summary>
/// <param name="CreateTrainer">Makes what fits it.</param>
/// <param name="FewTexts">Where it is null, there is one in any case. Otherwise there is one only where it helps: where the encoder is pretrained and made for text embeddings, which the head sees, and there are no more labelled texts a class, or in all where numbers are predicted.</param>
/// <param name="MostRows">The most texts that it is fitted on. 20,000 show well where to start; with more, fitting takes memory and time that training uses better.</param>
internal sealed record ProbedHead(Func<FineTuneTask, IHeadTrainer> CreateTrainer, int? FewTexts = null, int MostRows = 20_000)
{
    /// <summary>Whether training begins with it.</summary>
    public bool Serves(FineTuneTask task, PretrainedEncoder encoder) =>
        FewTexts is not { } few || (encoder.HasWeights && HasEmbeddings(task, encoder) && task.Data.Inputs.Count <= (long)few * task.ClassCount);

    /// <summary>Whether the head sees texts as the encoder was made to embed them.</summary>
    private static bool HasEmbeddings(FineTuneTask task, PretrainedEncoder encoder) => encoder.Pooling is { } pooling && (task.Pooling is not { } asked || pooling.Equals(asked));
}
