using System.Runtime.InteropServices;
using MLNet.FineTune.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>Exact search for the nearest neighbours of many texts among very many, by cosine similarity of text embeddings.</summary>
/// <remarks>
/// Candidates stream by in blocks: a block is embedded, multiplied with the queries, a stretch of them at a time, and
/// forgotten. What is kept is the queries' embeddings and the best neighbours of each.
/// </remarks>
internal sealed class NearestTexts : IDisposable
{
    private const int BlockTexts = 2048;
    private const int QueriesAtOnce = 1024;

    private readonly TextEmbedder _embedder;
    private readonly Device _device;
    private readonly Action _checkAlive;
    private readonly HashSet<string> _queries;
    private readonly List<Tensor> _queryVectors = [];
    private readonly NeighborList[] _neighbors;

    /// <param name="embedder">Makes the embeddings; not disposed here.</param>
    /// <param name="device">Where the products are computed.</param>
    /// <param name="queries">The texts whose neighbours are sought; each counts once.</param>
    /// <param name="count">Neighbours of each.</param>
    /// <param name="checkAlive">Polled between batches; throws to stop.</param>
    public NearestTexts(TextEmbedder embedder, Device device, IEnumerable<string> queries, int count, Action checkAlive)
    {
        (_embedder, _device, _checkAlive) = (embedder, device, checkAlive);
        _queries = [.. queries.Where(text => !string.IsNullOrWhiteSpace(text))];
        _neighbors = [.. _queries.Select(_ => new NeighborList(count))];
        try
        {
            foreach (string[] stretch in _queries.Chunk(QueriesAtOnce))
                _queryVectors.Add(Embed(stretch));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The neighbours found so far, by query.</summary>
    public IEnumerable<IReadOnlyList<Neighbor>> Neighbors => _neighbors.Select(list => list.Neighbors);

    /// <summary>Searches all candidates.</summary>
    /// <param name="candidates">The texts in the order of their rows; empty ones and those that are queries too are passed over.</param>
    /// <param name="rowsPerBlock">How many are read before they are embedded together.</param>
    public SelectedRows Search(IEnumerable<string> candidates, int rowsPerBlock = BlockTexts)
    {
        long first = 0;
        foreach (string[] block in candidates.Chunk(rowsPerBlock))
        {
            (long Row, string Text)[] distinct = [.. block.Select((text, i) => (Row: first + i, Text: text))
                .Where(candidate => !string.IsNullOrWhiteSpace(candidate.Text) && !_queries.Contains(candidate.Text)).DistinctBy(candidate => candidate.Text)];
            if (distinct.Length > 0)
                Compare(distinct);
            first += block.Length;
        }
        return SelectedRows.From(_neighbors.SelectMany(list => list.Neighbors).Select(neighbor => (neighbor.Row, neighbor.Similarity, neighbor.Text)));
    }

    public void Dispose()
    {
        foreach (Tensor vectors in _queryVectors)
            vectors.Dispose();
    }

    private void Compare((long Row, string Text)[] block)
    {
        ulong[] keys = [.. block.Select(candidate => SelectedRows.Key(candidate.Text))];
        using Tensor vectors = Embed([.. block.Select(candidate => candidate.Text)]);
        int query = 0;
        foreach (Tensor queries in _queryVectors)
        {
            _checkAlive();
            using DisposeScope scope = NewDisposeScope();
            // [queries, block], in memory as it lies.
            Tensor similarities = queries.matmul(vectors.t()).cpu().contiguous();
            ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(similarities.bytes);
            for (; values.Length > 0; values = values[block.Length..], query++)
            {
                NeighborList list = _neighbors[query];
                float threshold = list.Threshold;
                for (int i = 0; i < block.Length; i++)
                    if (values[i] > threshold)
                    {
                        list.Add(new Neighbor(block[i].Row, values[i], keys[i]));
                        threshold = list.Threshold;
                    }
            }
        }
    }

    /// <returns>Vectors of length one: [texts, width].</returns>
    private Tensor Embed(string[] texts)
    {
        var values = new float[texts.Length * _embedder.Dimension];
        _embedder.Embed([.. texts.Select(text => new TextInput(text))], values, _checkAlive);
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.normalize(tensor(values, texts.Length, _embedder.Dimension, device: _device), p: 2, dim: 1, eps: 1e-12).MoveToOuterDisposeScope();
    }
}
