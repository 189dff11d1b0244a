namespace MLNet.FineTune.Encoders.Families;

/// <summary>How a family classifies sequences: which names its head has in a checkpoint, and how it is built.</summary>
/// <param name="Dense">The dense layer before the classifier; <c>{base}</c> stands for the encoder's prefix.</param>
/// <param name="Output">The classifier.</param>
/// <param name="Activation">Between the two.</param>
/// <param name="InputDropout">Whether dropout comes before the dense layer too.</param>
internal sealed record SequenceHeadLayout(string Dense, string Output, Activation Activation, bool InputDropout);

/// <summary>Names of a family's masked-language-model head in a checkpoint, and its activation.</summary>
/// <param name="Dense">Dense layer.</param>
/// <param name="Norm">LayerNorm after it.</param>
/// <param name="Bias">Bias of the output over the vocabulary.</param>
/// <param name="Tied">Tensors that repeat the word embeddings or the bias.</param>
/// <param name="Activation">After the dense layer; null for that of the encoder.</param>
internal sealed record MaskedHeadLayout(string Dense, string Norm, string Bias, IReadOnlyList<string> Tied, Activation? Activation = null);
