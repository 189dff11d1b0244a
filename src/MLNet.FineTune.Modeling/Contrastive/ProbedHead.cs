using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>A head that is fitted on embeddings before it is trained together with the encoder.</summary>
/// <param name="CreateTrainer">Makes what fits it.</param>
/// <param name="EmbeddersOnly">Whether only an encoder that is made for text embeddings gets one; others then start from a random head.</param>
internal sealed record ProbedHead(Func<FineTuneTask, IHeadTrainer> CreateTrainer, bool EmbeddersOnly = false);
