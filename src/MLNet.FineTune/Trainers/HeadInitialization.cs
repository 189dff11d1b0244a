namespace MLNet.FineTune;

/// <summary>What the head is before it is trained together with the encoder.</summary>
public enum HeadInitialization
{
    /// <summary>
    /// <see cref="LinearProbe"/> where three things hold: the encoder is pretrained; its checkpoint says how the vectors of tokens become one of a text, as those of sentence-transformers and the default encoder do, and the options ask for no other way, so that
    /// its embeddings tell classes apart as they are; and there are at most 64 labelled texts a class in the mean, or 128 texts with numbers, since with more a head that fits them leaves the encoder little to learn. <see cref="Random"/> elsewhere,
    /// and with a prompt, which has no such head.
    /// </summary>
    Auto,

    /// <summary>Random weights.</summary>
    Random,

    /// <summary>
    /// A classifier, or for numbers ridge regression, that is fitted on embeddings of the encoder as it is: linear probing, then fine-tuning (Kumar et al. 2022, arXiv 2202.10054). Training then begins with small gradients, and does not bend what the
    /// encoder knows towards random directions, which counts most where labelled texts are few. It is fitted on at most 20,000 of them.
    /// </summary>
    LinearProbe,
}
