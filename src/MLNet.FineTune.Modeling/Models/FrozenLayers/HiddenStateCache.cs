using System.Diagnostics.CodeAnalysis;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>
/// Hidden states of texts at one depth of a frozen encoder, computed once and read by every epoch, fold and trial that
/// leaves the layers below as they are.
/// </summary>
/// <remarks>Not for use by several threads at once. The encoder below the depth must compute the same as long as the cache lives.</remarks>
internal sealed class HiddenStateCache : IDisposable
{
    private readonly Dictionary<Encoding, nint> _entries = new(SameTokens.Instance);
    private readonly BlockStore _store;

    /// <param name="memory">Bytes to keep in memory at most; what is beyond goes to a file in the folder for temporary files.</param>
    public HiddenStateCache(MemoryBudget memory) => _store = new BlockStore(memory, Path.GetTempPath());

    /// <summary>Texts held.</summary>
    public int Count => _entries.Count;

    /// <summary>Texts that were found.</summary>
    public long Hits { get; private set; }

    public bool Contains(Encoding text) => _entries.ContainsKey(text);

    /// <summary>Keeps the states of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="states">[depths, tokens, hidden], contiguous and on the CPU.</param>
    public void Add(Encoding text, Tensor states)
    {
        nint at = _store.Append(states.numel() * states.element_size());
        TensorMemory.ForEachChunk(states, (offset, chunk) => chunk.CopyTo(Span(at + (nint)offset, chunk.Length)));
        _entries.Add(text, at);
    }

    /// <summary>Copies the states of a text to a place in memory.</summary>
    /// <param name="text">A text that is contained.</param>
    /// <param name="depth">Which of its states.</param>
    /// <param name="bytes">Bytes of one.</param>
    /// <param name="target">Receives them; at least as many.</param>
    public void Read(Encoding text, int depth, int bytes, Span<byte> target)
    {
        Span(_entries[text] + (nint)((long)depth * bytes), bytes).CopyTo(target);
        if (depth == 0)
            Hits++;
    }

    public void Dispose() => _store.Dispose();

    private static unsafe Span<byte> Span(nint at, int length) => new((void*)at, length);

    /// <summary>Two texts are the same when the encoder sees the same.</summary>
    private sealed class SameTokens : IEqualityComparer<Encoding>
    {
        public static readonly SameTokens Instance = new();

        public bool Equals(Encoding? x, Encoding? y) => ReferenceEquals(x, y) || x!.Ids.AsSpan().SequenceEqual(y!.Ids) && x.TypeIds.AsSpan().SequenceEqual(y.TypeIds);

        public int GetHashCode([DisallowNull] Encoding text)
        {
            var hash = new HashCode();
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.Ids.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
