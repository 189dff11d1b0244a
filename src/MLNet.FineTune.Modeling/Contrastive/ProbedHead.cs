using MLNet.FineTune.Models;

namespace MLNet.FineTune.Contrastive;

/// <summary>A head that is fitted on embeddings before it is trained together with the encoder.</summary>
/// <param name="CreateTrainer">Makes what fits it.</param>
/// <param name="EmbeddersOnly">Whether only an encoder that is made for text embeddings gets one; others then start from a random head.</param>
/// <param name="MostRows">The most texts that it is fitted on. 20,000 show well where to start; with more, fitting takes memory and time that training uses better.</param>
internal sealed record ProbedHead(Func<FineTuneTask, IHeadTrainer> CreateTrainer, bool EmbeddersOnly = false, int MostRows = 20_000);
