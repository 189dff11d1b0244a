namespace MLNet.FineTune;

/// <summary>What of a fine-tuned model goes into the saved file.</summary>
public enum SavedWeights
{
    /// <summary>Everything: the file loads anywhere.</summary>
    Embedded,

    /// <summary>
    /// The adapter and the head; the encoder is named by its source and the SHA-256 of its weights, and must be there when
    /// the file is loaded. Not possible where the encoder's own weights were trained, or have no source.
    /// </summary>
    AdapterOnly,
}
