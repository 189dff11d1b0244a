using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Pretraining;

/// <summary>Tokenises a corpus into a <see cref="TokenStore"/>, one stretch of paragraphs at a time, so that corpora may exceed the memory.</summary>
internal static class TokenStoreWriter
{
    private const int Stretch = 4096;

    /// <summary>Longer sentences are cut here: no encoder reads more at once.</summary>
    private const int LongestSentence = 1024;

    private sealed record Tokenised(CorpusText Text, List<int[]> Sentences, int[]? Heading);

    /// <param name="directory">Where the store goes; made when absent.</param>
    /// <param name="texts">The corpus, paragraphs of a document in their order.</param>
    /// <param name="tokenizer">The encoder's tokenizer.</param>
    /// <param name="lowerCase">Whether texts are lower-cased first.</param>
    /// <param name="checkAlive">Called between stretches; throws to stop.</param>
    /// <exception cref="ArgumentException">There is no text, a text is null, or there are too many sources.</exception>
    public static TokenStoreDescription Write(string directory, IEnumerable<CorpusText> texts, TextTokenizer tokenizer, bool lowerCase, Action? checkAlive = null)
    {
        Directory.CreateDirectory(directory);
        File.Delete(Path.Combine(directory, TokenStore.DescriptionFile));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var tokens = new FileStream(Path.Combine(directory, TokenStore.TokensFile), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        using var sentences = new FileStream(Path.Combine(directory, TokenStore.SentencesFile), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var sources = new Dictionary<string, ushort>();
        (string? Document, string Heading, bool Any) last = (null, "", false);
        (long tokenCount, int sentenceCount, int paragraphCount) = (0, 0, 0);

        void Add(ReadOnlySpan<int> ids, ushort source, SentenceMark mark)
        {
            var stored = new StoredSentence(tokenCount, ids.Length, source, mark);
            ReadOnlySpan<byte> idBytes = MemoryMarshal.AsBytes(ids), storedBytes = MemoryMarshal.AsBytes(new ReadOnlySpan<StoredSentence>(in stored));
            tokens.Write(idBytes);
            sentences.Write(storedBytes);
            hash.AppendData(idBytes);
            hash.AppendData(storedBytes);
            tokenCount += ids.Length;
            sentenceCount = checked(sentenceCount + 1);
        }

        foreach (CorpusText[] stretch in texts.Chunk(Stretch))
        {
            checkAlive?.Invoke();
            foreach (Tokenised paragraph in stretch.AsParallel().AsOrdered().Select(text => Tokenise(text, tokenizer, lowerCase)))
            {
                if (paragraph.Sentences.Count == 0)
                    continue;
                CorpusText text = paragraph.Text;
                if (!sources.TryGetValue(text.Source ?? "", out ushort source))
                    sources.Add(text.Source ?? "", source = Number(sources.Count));
                bool opens = !last.Any || text.Document is null || text.Document != last.Document;
                SentenceMark mark = SentenceMark.Paragraph | (opens ? SentenceMark.Document : SentenceMark.None);
                string heading = text.Heading ?? "";
                if (heading != (opens ? "" : last.Heading))
                {
                    Add(paragraph.Heading ?? [], source, SentenceMark.Heading | (mark & SentenceMark.Document));
                    mark &= ~SentenceMark.Document;
                }
                last = (text.Document, heading, true);
                foreach (int[] ids in paragraph.Sentences)
                {
                    Add(ids, source, mark);
                    mark = SentenceMark.None;
                }
                paragraphCount++;
            }
        }
        if (paragraphCount == 0)
            throw new ArgumentException("There is no text to train on: every text is empty, or there is none.", nameof(texts));
        tokens.Flush(flushToDisk: true);
        sentences.Flush(flushToDisk: true);
        var description = new TokenStoreDescription(tokenCount, sentenceCount, paragraphCount, Convert.ToHexStringLower(hash.GetHashAndReset()));
        AtomicFile.Write(Path.Combine(directory, TokenStore.DescriptionFile), stream => JsonSerializer.Serialize(stream, description));
        return description;
    }

    private static ushort Number(int source) => source <= ushort.MaxValue ? (ushort)source
        : throw new ArgumentException($"The texts are of more than {ushort.MaxValue + 1} sources. A source is a collection of many documents, from which whole batches are drawn; the name of a document is none.");

    private static Tokenised Tokenise(CorpusText text, TextTokenizer tokenizer, bool lowerCase)
    {
        if (text.Text is null)
            throw new ArgumentException($"A text{(text.Document is null ? "" : $" of document '{text.Document}'")} is null; expected a text, which may be empty.");
        var sentences = new List<int[]>();
        foreach (string sentence in SentenceSplitter.Split(text.Text))
            if (Ids(sentence) is { Length: > 0 } ids)
                sentences.Add(ids);
        return new Tokenised(text, sentences, string.IsNullOrEmpty(text.Heading) ? null : Ids(text.Heading));

        int[] Ids(string part)
        {
            part = lowerCase ? TextInputs.Lower(part) : part;
            return MarkedIds(tokenizer.Tokenize(part), part);
        }
    }

    private static int[] MarkedIds(List<Token> tokens, string text)
    {
        var ids = new int[Math.Min(tokens.Count, LongestSentence)];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = tokens[i].Id | (i > 0 && Continues(tokens[i - 1], tokens[i], text) ? TokenStore.Continues : 0);
        return ids;
    }

    /// <summary>Whether no more than the tokenizer lies between two tokens: they touch, and letters or digits meet there. True for any kind of tokenizer.</summary>
    private static bool Continues(Token before, Token token, string text) =>
        token.Start == before.End && token.Start > 0 && token.Start < text.Length && char.IsLetterOrDigit(text[token.Start - 1]) && char.IsLetterOrDigit(text[token.Start]);
}
