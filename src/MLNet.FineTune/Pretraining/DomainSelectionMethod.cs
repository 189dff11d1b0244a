namespace MLNet.FineTune;

/// <summary>How texts of a domain are chosen for a task.</summary>
public enum DomainSelectionMethod
{
    /// <summary>Those whose embeddings have the highest cosine similarity to those of the task's texts (kNN-TAPT).</summary>
    NearestNeighbors,

    /// <summary>As many at random: the control that tells what the nearness is worth (RAND-TAPT).</summary>
    Random,
}
