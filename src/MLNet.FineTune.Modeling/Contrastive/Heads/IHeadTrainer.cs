namespace MLNet.FineTune.Contrastive;

/// <summary>Fits a linear classifier on embeddings.</summary>
internal interface IHeadTrainer
{
    /// <param name="texts">The embeddings of the training texts.</param>
    /// <param name="validation">Embeddings to measure on while fitting; null for none.</param>
    /// <param name="checkAlive">Polled while fitting; throws to stop.</param>
    LinearHead Fit(EmbeddedTexts texts, EmbeddedTexts? validation, Action? checkAlive);
}
