namespace MLNet.FineTune;

/// <summary>How an encoder reads the two texts of a pair.</summary>
public enum PairEncoding
{
    /// <summary><see cref="Separate"/> on an encoder of a single layer, which cannot compare two texts within one input; <see cref="Joint"/> on all others, and with a prompt.</summary>
    Auto,

    /// <summary>
    /// Both texts in one input, a separator between them, so that every layer compares their words (a cross-encoder; Devlin et al. 2019, arXiv 1810.04805).
    /// </summary>
    Joint,

    /// <summary>
    /// Each text by itself (a bi-encoder; Reimers and Gurevych 2019, "Sentence-BERT", arXiv 1908.10084). The head sees both vectors u and v, brought to a root mean square of 1, and |u − v| and u ∘ v.
    /// Each text may have the maximum length. What a checkpoint has between pooling and the linear layer is left out. Hugging Face transformers has no such head, so that SavePretrained refuses it.
    /// </summary>
    Separate,
}
