using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MLNet.FineTune.Pretraining;

/// <summary>A tokenised corpus on disk: sentences in the order of the corpus, mapped into memory and read where they lie.</summary>
/// <remarks>
/// Tokens are 32-bit ids; the sign bit marks one that continues the word before it. The table of sentences (16 bytes each)
/// and the tokens are separate files; the description is written last, so that a store without it is known to be unfinished.
/// </remarks>
internal sealed unsafe class TokenStore : IDisposable
{
    public const string TokensFile = "tokens.bin";
    public const string SentencesFile = "sentences.bin";
    public const string DescriptionFile = "store.json";

    /// <summary>Marks a token that continues the word before it.</summary>
    public const int Continues = int.MinValue;

    private readonly MappedFile<int> _tokens;
    private readonly MappedFile<StoredSentence>? _sentences;

    private TokenStore(string directory, TokenStoreDescription description)
    {
        Description = description;
        _tokens = new MappedFile<int>(Path.Combine(directory, TokensFile), description.Tokens);
        try
        {
            string path = Path.Combine(directory, SentencesFile);
            _sentences = new MappedFile<StoredSentence>(path, description.Sentences);
            CheckSentences(path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public TokenStoreDescription Description { get; }

    public int SentenceCount => (int)_sentences!.Length;

    /// <exception cref="InvalidDataException">The description does not fit the files, or is malformed.</exception>
    /// <exception cref="FileNotFoundException">The store is not there, or unfinished.</exception>
    public static TokenStore Open(string directory)
    {
        string path = Path.Combine(directory, DescriptionFile);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{directory}' holds no finished token store: '{DescriptionFile}' is missing.", path);
        try
        {
            return new TokenStore(directory, JsonSerializer.Deserialize<TokenStoreDescription>(File.ReadAllBytes(path)) ?? throw new InvalidDataException($"{path}: the file is empty."));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: the file is damaged: {e.Message}", e);
        }
    }

    public ref readonly StoredSentence this[int sentence] => ref _sentences![sentence];

    /// <summary>The tokens of a sentence, with <see cref="Continues"/> marks.</summary>
    public ReadOnlySpan<int> Tokens(int sentence)
    {
        StoredSentence stored = _sentences![sentence];
        return _tokens.Slice(stored.Start, stored.Length);
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _sentences?.Dispose();
    }

    /// <summary>Sentences lie one after the other and fill the tokens: checked once, so that reading needs no further check.</summary>
    private void CheckSentences(string path)
    {
        long at = 0;
        for (int sentence = 0; sentence < SentenceCount; sentence++)
        {
            StoredSentence stored = _sentences![sentence];
            if (stored.Start != at || stored.Length < 0 || stored.Length > _tokens.Length - at)
                throw new InvalidDataException($"{path}: sentence {sentence} is said to have {stored.Length} tokens from {stored.Start}; expected them from {at}, inside the {_tokens.Length} of '{TokensFile}'. The file is damaged.");
            at += stored.Length;
        }
        if (at != _tokens.Length)
            throw new InvalidDataException($"{path}: the sentences have {at} tokens in all, '{TokensFile}' has {_tokens.Length}. One of them is damaged.");
    }

    /// <summary>An array that lies in a file.</summary>
    private sealed class MappedFile<T> : IDisposable where T : unmanaged
    {
        private readonly MemoryMappedFile? _file;
        private readonly MemoryMappedViewAccessor? _view;
        private readonly T* _values;

        public MappedFile(string path, long length)
        {
            if (!File.Exists(path))
                throw new FileNotFoundException($"The token store lacks '{Path.GetFileName(path)}'.", path);
            long found = new FileInfo(path).Length;
            if (length < 0 || length > long.MaxValue / sizeof(T) || found != length * sizeof(T))
                throw new InvalidDataException($"{path}: the file has {found} bytes; expected {length} × {sizeof(T)} as the store's description says.");
            Length = length;
            if (length == 0)
                return;
            _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            _values = (T*)(start + _view.PointerOffset);
        }

        public long Length { get; }

        public ref readonly T this[long index] => ref (ulong)index < (ulong)Length ? ref _values[index] : ref Fail(index);

        public ReadOnlySpan<T> Slice(long start, int length) => start >= 0 && length >= 0 && start <= Length - length
            ? new ReadOnlySpan<T>(_values + start, length)
            : throw new ArgumentOutOfRangeException(nameof(start), start, $"Expected {length} values within {Length}.");

        private ref T Fail(long index) => throw new ArgumentOutOfRangeException(nameof(index), index, $"Expected below {Length}.");

        public void Dispose()
        {
            if (_view is not null)
            {
                _view.SafeMemoryMappedViewHandle.ReleasePointer();
                _view.Dispose();
            }
            _file?.Dispose();
        }
    }
}

/// <summary>Where a sentence lies and what begins with it.</summary>
/// <param name="Start">Its first token.</param>
/// <param name="Length">Its tokens.</param>
/// <param name="Source">Number of its source, from zero.</param>
/// <param name="Mark">What begins with it.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct StoredSentence(long Start, int Length, ushort Source, SentenceMark Mark);

/// <summary>What begins with a sentence.</summary>
[Flags]
internal enum SentenceMark : ushort
{
    None = 0,

    /// <summary>It is the first of a document.</summary>
    Document = 1,

    /// <summary>It is the first of a paragraph.</summary>
    Paragraph = 2,

    /// <summary>It is the heading of what follows, up to the next heading; an empty one ends the last.</summary>
    Heading = 4,
}

/// <summary>What a token store holds.</summary>
/// <param name="Tokens">Tokens in all.</param>
/// <param name="Sentences">Sentences, headings included.</param>
/// <param name="Paragraphs">Paragraphs.</param>
/// <param name="Digest">SHA-256 over tokens and sentences; part of a training's identity.</param>
internal sealed record TokenStoreDescription(long Tokens, int Sentences, int Paragraphs, string Digest);
