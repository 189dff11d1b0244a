namespace MLNet.FineTune.Pretraining;

/// <summary>The nearest of the texts seen so far, each text once.</summary>
/// <remarks>Of equally near ones those that came first are kept, so that the result does not depend on how texts are cut into blocks.</remarks>
internal sealed class NeighborList(int capacity)
{
    private readonly List<Neighbor> _neighbors = [];

    /// <summary>Nearest first.</summary>
    public IReadOnlyList<Neighbor> Neighbors => _neighbors;

    /// <summary>What a text must exceed to be taken.</summary>
    public float Threshold => _neighbors.Count < capacity ? float.NegativeInfinity : _neighbors[^1].Similarity;

    /// <param name="neighbor">A text whose row is higher than those of all before.</param>
    public void Add(Neighbor neighbor)
    {
        if (!(neighbor.Similarity > Threshold) || _neighbors.Exists(other => other.Text == neighbor.Text))
            return;
        int low = 0, high = _neighbors.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_neighbors[middle].Similarity >= neighbor.Similarity)
                low = middle + 1;
            else
                high = middle;
        }
        if (_neighbors.Count == capacity)
            _neighbors.RemoveAt(capacity - 1);
        _neighbors.Insert(low, neighbor);
    }
}

/// <summary>A text near another one.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Similarity">The cosine similarity.</param>
/// <param name="Text"><see cref="SelectedRows.Key"/> of the text.</param>
internal readonly record struct Neighbor(long Row, float Similarity, ulong Text);
