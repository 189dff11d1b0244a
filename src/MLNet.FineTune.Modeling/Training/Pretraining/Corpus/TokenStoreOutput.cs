using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Pretraining;

/// <summary>The files of a <see cref="TokenStore"/> being written; without <see cref="Finish"/> they are no store.</summary>
internal sealed class TokenStoreOutput : IDisposable
{
    private readonly string _directory;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly FileStream _tokens;
    private readonly FileStream _sentences;
    private long _tokenCount;
    private int _sentenceCount;

    public TokenStoreOutput(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
        File.Delete(Path.Combine(directory, TokenStore.DescriptionFile));
        _tokens = Create(TokenStore.TokensFile);
        _sentences = Create(TokenStore.SentencesFile);
    }

    public void Add(ReadOnlySpan<int> ids, ushort source, SentenceMark mark)
    {
        var stored = new StoredSentence(_tokenCount, ids.Length, source, mark);
        ReadOnlySpan<byte> idBytes = MemoryMarshal.AsBytes(ids), storedBytes = MemoryMarshal.AsBytes(new ReadOnlySpan<StoredSentence>(in stored));
        _tokens.Write(idBytes);
        _sentences.Write(storedBytes);
        _hash.AppendData(idBytes);
        _hash.AppendData(storedBytes);
        _tokenCount += ids.Length;
        _sentenceCount = checked(_sentenceCount + 1);
    }

    public TokenStoreDescription Finish(int paragraphs)
    {
        _tokens.Flush(flushToDisk: true);
        _sentences.Flush(flushToDisk: true);
        var description = new TokenStoreDescription(_tokenCount, _sentenceCount, paragraphs, Convert.ToHexStringLower(_hash.GetHashAndReset()));
        AtomicFile.Write(Path.Combine(_directory, TokenStore.DescriptionFile), stream => JsonSerializer.Serialize(stream, description));
        return description;
    }

    private FileStream Create(string name) => new(Path.Combine(_directory, name), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);

    public void Dispose()
    {
        _tokens.Dispose();
        _sentences.Dispose();
        _hash.Dispose();
    }
}
