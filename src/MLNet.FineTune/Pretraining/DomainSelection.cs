namespace MLNet.FineTune;

/// <summary>
/// Choice of the domain's texts that are most like the task's, to be added to them (Gururangan et al. 2020, "Don't Stop
/// Pretraining", section 5, arXiv 2004.10964): where there is no time for the whole domain, most of its worth at a small part
/// of its cost.
/// </summary>
/// <remarks>
/// A domain text is taken when it is among the <see cref="NeighborCount"/> nearest of any of the task's. Each is taken once;
/// of texts that are the same to the letter the first is taken, and none that is also among the task's own. The paper embeds
/// texts with VAMPIRE, which is trained on bags of words of the domain; here any encoder of text embeddings serves, and one
/// without layers (<see cref="ScratchEncoderOptions.LayerCount"/> 0) that is pre-trained on the domain with
/// <see cref="BagOfWordsPrediction"/> is the closest to it.
/// </remarks>
public sealed class DomainSelection
{
    /// <summary>How texts are chosen.</summary>
    /// <value>Default <see cref="DomainSelectionMethod.NearestNeighbors"/>.</value>
    public DomainSelectionMethod Method { get; set; } = DomainSelectionMethod.NearestNeighbors;

    /// <summary>Domain texts for each text of the task, before duplicates are removed.</summary>
    /// <value>Default 50, the smallest number in the paper, which also has 150 and 500; at least 1.</value>
    public int NeighborCount { get; set; } = 50;

    /// <summary>The encoder whose text embeddings are compared.</summary>
    /// <value>Default <see langword="null"/>: the one that is adapted.</value>
    public EncoderSource? Encoder { get; set; }

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void Validate()
    {
        PretrainingOptions.Require(Enum.IsDefined(Method), nameof(DomainSelection), nameof(Method), Method, string.Join(", ", Enum.GetNames<DomainSelectionMethod>()));
        PretrainingOptions.Require(NeighborCount >= 1, nameof(DomainSelection), nameof(NeighborCount), NeighborCount, "at least 1");
    }
}
