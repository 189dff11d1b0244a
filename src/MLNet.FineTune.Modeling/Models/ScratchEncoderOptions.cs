using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Size of a BERT-like encoder with random weights, and of the vocabulary made from the training texts for it.</summary>
public sealed class ScratchEncoderOptions
{
    /// <summary>Number of layers; with none, a text is the mean of its normalised word embeddings.</summary>
    /// <value>4.</value>
    public int LayerCount { get; set; } = 4;

    /// <summary>Width of the hidden states; a multiple of <see cref="HeadCount"/>.</summary>
    /// <value>256.</value>
    public int HiddenSize { get; set; } = 256;

    /// <summary>Number of attention heads.</summary>
    /// <value>4.</value>
    public int HeadCount { get; set; } = 4;

    /// <summary>Width of the feed-forward networks.</summary>
    /// <value>1024.</value>
    public int IntermediateSize { get; set; } = 1024;

    /// <summary>Most tokens of the WordPiece vocabulary.</summary>
    /// <value>8192.</value>
    public int VocabularySize { get; set; } = 8192;

    /// <summary>Longest input in tokens.</summary>
    /// <value>256.</value>
    public int MaxLength { get; set; } = 256;

    /// <summary>
    /// Buckets of distances, each with a learned bias to every head's attention, as T5 and MPNet have them
    /// (Song et al. 2020, arXiv 2004.09297): a head can then look at the word before or after without learning
    /// positions first. The encoder is of the model type <c>mpnet</c>, otherwise <c>bert</c>.
    /// </summary>
    /// <remarks>
    /// Half of the heads begin by looking at one neighbour each, the word before, the word after and those next to them
    /// (You et al. 2020, "Hard-coded Gaussian attention", arXiv 2005.00742: such heads serve as well as learned ones).
    /// </remarks>
    /// <value>0: none. Else at least 8; MPNet has 32.</value>
    public int RelativePositionBuckets { get; set; }

    /// <summary>Probability of dropout.</summary>
    /// <value>0.1.</value>
    public double Dropout { get; set; } = 0.1;

    /// <summary>A trained encoder that gives its vocabulary, and its weights where name and shape are the same: a way to put layers on trained word embeddings.</summary>
    /// <remarks>
    /// Weights of another shape are new: all embeddings where <see cref="HiddenSize"/> differs, those of positions where <see cref="MaxLength"/> does.
    /// Layers on an encoder without any begin as the identity: until they are trained, texts have the embeddings that they had.
    /// </remarks>
    /// <value>Default <see langword="null"/>: everything is new. Otherwise <see cref="VocabularySize"/> has no effect.</value>
    public EncoderSource? StartFrom { get; set; }

    /// <exception cref="ArgumentException">A value is out of range; names it, what was found and what is expected.</exception>
    internal void Validate()
    {
        foreach ((string name, int value, int minimum) in new[]
                 {
                     (nameof(LayerCount), LayerCount, 0), (nameof(HiddenSize), HiddenSize, 1), (nameof(HeadCount), HeadCount, 1),
                     (nameof(IntermediateSize), IntermediateSize, 1), (nameof(VocabularySize), VocabularySize, 100), (nameof(MaxLength), MaxLength, 8),
                 })
            if (value < minimum)
                throw new ArgumentException($"{nameof(ScratchEncoderOptions)}.{name} is {value}; expected at least {minimum}.");
        if (HiddenSize % HeadCount != 0)
            throw new ArgumentException($"{nameof(ScratchEncoderOptions)}.{nameof(HiddenSize)} is {HiddenSize}; expected a multiple of {nameof(HeadCount)}, {HeadCount}.");
        if (RelativePositionBuckets is not (0 or >= 8 and <= 256))
            throw new ArgumentException($"{nameof(ScratchEncoderOptions)}.{nameof(RelativePositionBuckets)} is {RelativePositionBuckets}; expected 0, or 8 to 256.");
        if (!(Dropout >= 0 && Dropout < 1))
            throw new ArgumentException($"{nameof(ScratchEncoderOptions)}.{nameof(Dropout)} is {Dropout}; expected at least 0 and below 1.");
        if (StartFrom is ScratchEncoderSource)
            throw new ArgumentException($"{nameof(ScratchEncoderOptions)}.{nameof(StartFrom)} is a {StartFrom.Description}; expected an encoder with trained weights.");
    }
}
