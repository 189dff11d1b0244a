using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>Byte-pair merging by the scores of a SentencePiece model.</summary>
/// <remarks>
/// The adjacent pair whose union is the piece of highest score is merged, the leftmost of equals, until none is left.
/// Own, because Microsoft.ML.Tokenizers 2.0.1 merges the rightmost of equals: "aaa" becomes a + aa where SentencePiece has aa + a.
/// </remarks>
internal sealed class BpeSegmenter : IPieceSegmenter
{
    private readonly Dictionary<string, int> _mergeable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly SentencePieceModel _model;
    private readonly string[] _userDefined;

    public BpeSegmenter(SentencePieceModel model)
    {
        _model = model;
        foreach ((string text, int id) in model.Index)
            if (model.Pieces[id].Kind is PieceKind.Normal or PieceKind.UserDefined)
                _mergeable.Add(text, id);
        _lookup = _mergeable.GetAlternateLookup<ReadOnlySpan<char>>();
        _userDefined = [.. model.Pieces.Where(piece => piece.Kind == PieceKind.UserDefined).Select(piece => piece.Text).OrderByDescending(text => text.Length)];
    }

    public Piece[] Segment(string text)
    {
        (int[] ends, bool[] frozen) = Symbols(text);
        int count = ends.Length;
        // Symbols are known by the index of their first character's symbol; a merge empties the right one.
        var start = new int[count];
        var previous = new int[count];
        var next = new int[count];
        var queue = new PriorityQueue<(int Left, int Right, int End), (float, int)>();
        for (int i = 0; i < count; i++)
            (start[i], previous[i], next[i]) = (i == 0 ? 0 : ends[i - 1], i - 1, i + 1);
        for (int i = 0; i + 1 < count; i++)
            Offer(i, i + 1);
        while (queue.TryDequeue(out var merge, out _))
        {
            // Stale when the left symbol was merged away or either has grown since.
            if (start[merge.Left] < 0 || next[merge.Left] != merge.Right || ends[merge.Right] != merge.End)
                continue;
            ends[merge.Left] = merge.End;
            start[merge.Right] = -1;
            next[merge.Left] = next[merge.Right];
            if (next[merge.Left] < count)
            {
                previous[next[merge.Left]] = merge.Left;
                Offer(merge.Left, next[merge.Left]);
            }
            if (previous[merge.Left] >= 0)
                Offer(previous[merge.Left], merge.Left);
        }
        var pieces = new List<Piece>();
        for (int i = 0; i < count; i = next[i])
            pieces.Add(new Piece(_lookup.TryGetValue(text.AsSpan(start[i]..ends[i]), out int id) ? id : _model.Unknown, start[i], ends[i]));
        return [.. pieces];

        void Offer(int left, int right)
        {
            if (!frozen[left] && !frozen[right] && _lookup.TryGetValue(text.AsSpan(start[left]..ends[right]), out int id))
                queue.Enqueue((left, right, ends[right]), (-_model.Pieces[id].Score, left));
        }
    }

    /// <summary>The initial symbols: characters, and user-defined pieces, which stay as they are.</summary>
    private (int[] Ends, bool[] Frozen) Symbols(string text)
    {
        var ends = new List<int>(text.Length);
        var frozen = new List<bool>(text.Length);
        for (int at = 0; at < text.Length;)
        {
            string? whole = Array.Find(_userDefined, piece => text.AsSpan(at).StartsWith(piece, StringComparison.Ordinal));
            Rune.DecodeFromUtf16(text.AsSpan(at), out _, out int length);
            at += whole?.Length ?? length;
            ends.Add(at);
            frozen.Add(whole is not null);
        }
        return ([.. ends], [.. frozen]);
    }
}
