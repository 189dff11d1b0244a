using MLNet.FineTune.Contrastive;

namespace MLNet.FineTune;

/// <summary>
/// What pulls the embeddings of like texts together and pushes those of others apart: the base of the options records
/// <see cref="CosineSimilarityLoss"/>, <see cref="TripletLoss"/> and the like. Two texts are alike when they share a class.
/// </summary>
public abstract record EmbeddingLoss
{
    private protected EmbeddingLoss()
    {
    }

    /// <summary>The name of the loss in texts, for instance <c>triplet</c>.</summary>
    public string LossName => EmbeddingLosses.NameOf(GetType());

    /// <summary>Reads the text that <see cref="Format"/> writes, for instance <c>triplet(mining=batch-hard, margin=1)</c>.</summary>
    /// <remarks>Names of losses, options and values go without regard to case, underscores and hyphens.</remarks>
    /// <exception cref="FormatException">A loss, option or value is not known or not valid; names where, what was found and what is known.</exception>
    public static EmbeddingLoss Parse(string text) => EmbeddingLosses.Family.Parse(text);

    /// <summary>The loss as a text, with the options that differ from their defaults.</summary>
    public string Format() => EmbeddingLosses.Family.Format(this);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; names it, what was found and what is expected.</exception>
    internal virtual void Validate()
    {
    }
}
