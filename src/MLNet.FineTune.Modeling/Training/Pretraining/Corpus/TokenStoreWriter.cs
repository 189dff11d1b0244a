using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Pretraining;

/// <summary>A second store of the same sentences, made with another tokenizer.</summary>
/// <param name="Directory">Where it goes; made when absent.</param>
/// <param name="Tokenizer">The other tokenizer.</param>
/// <param name="LowerCase">Whether texts are lower-cased first.</param>
internal sealed record TokenStoreCompanion(string Directory, TextTokenizer Tokenizer, bool LowerCase);

/// <summary>Tokenises a corpus into a <see cref="TokenStore"/>, one stretch of paragraphs at a time, so that corpora may exceed the memory.</summary>
internal static class TokenStoreWriter
{
    private const int Stretch = 4096;

    /// <summary>Longer sentences are cut here: no encoder reads more at once.</summary>
    private const int LongestSentence = 1024;

    /// <summary>A paragraph's sentences and heading, in the tokens of each tokenizer.</summary>
    private sealed record Tokenised(CorpusText Text, List<int[][]> Sentences, int[][] Heading);

    /// <param name="directory">Where the store goes; made when absent.</param>
    /// <param name="texts">The corpus, paragraphs of a document in their order.</param>
    /// <param name="tokenizer">The encoder's tokenizer.</param>
    /// <param name="lowerCase">Whether texts are lower-cased first.</param>
    /// <param name="checkAlive">Called between stretches; throws to stop.</param>
    /// <param name="companion">A second store: its sentences have the numbers of the first's, also where they have no token there; null for none.</param>
    /// <returns>What the first store holds.</returns>
    /// <exception cref="ArgumentException">There is no text, a text is null, or there are more than 65,536 sources.</exception>
    public static TokenStoreDescription Write(
        string directory, IEnumerable<CorpusText> texts, TextTokenizer tokenizer, bool lowerCase, Action? checkAlive = null, TokenStoreCompanion? companion = null)
    {
        using var output = new TokenStoreOutput(directory);
        using TokenStoreOutput? second = companion is null ? null : new TokenStoreOutput(companion.Directory);
        (TextTokenizer, bool)[] tokenizers = companion is null ? [(tokenizer, lowerCase)] : [(tokenizer, lowerCase), (companion.Tokenizer, companion.LowerCase)];
        var sources = new Dictionary<string, ushort>();
        (string? Document, string Heading, bool Any) last = (null, "", false);
        int paragraphs = 0;

        void Add(int[][] ids, ushort source, SentenceMark mark)
        {
            output.Add(ids[0], source, mark);
            second?.Add(ids[1], source, mark);
        }

        foreach (CorpusText[] stretch in texts.Chunk(Stretch))
        {
            checkAlive?.Invoke();
            foreach (CorpusText text in stretch)
                if (text.Text is null)
                    throw new ArgumentException($"A text{(text.Document is null ? "" : $" of document '{text.Document}'")} is null; expected a text, which may be empty.", nameof(texts));
            foreach (Tokenised paragraph in stretch.AsParallel().AsOrdered().Select(text => Tokenise(text, tokenizers)))
            {
                if (paragraph.Sentences.Count == 0)
                    continue;
                CorpusText text = paragraph.Text;
                ushort source = Number(text.Source ?? "", sources);
                bool opens = !last.Any || text.Document is null || text.Document != last.Document;
                SentenceMark mark = SentenceMark.Paragraph | (opens ? SentenceMark.Document : SentenceMark.None);
                string heading = text.Heading ?? "";
                if (heading != (opens ? "" : last.Heading))
                {
                    Add(paragraph.Heading, source, SentenceMark.Heading | (mark & SentenceMark.Document));
                    mark &= ~SentenceMark.Document;
                }
                last = (text.Document, heading, true);
                foreach (int[][] ids in paragraph.Sentences)
                {
                    Add(ids, source, mark);
                    mark = SentenceMark.None;
                }
                paragraphs++;
            }
        }
        if (paragraphs == 0)
            throw new ArgumentException("There is no text to train on: every text is empty, or there is none.", nameof(texts));
        second?.Finish(paragraphs);
        return output.Finish(paragraphs);
    }

    private static ushort Number(string source, Dictionary<string, ushort> sources)
    {
        if (sources.TryGetValue(source, out ushort number))
            return number;
        if (sources.Count > ushort.MaxValue)
            throw new ArgumentException($"The texts are of more than {sources.Count} sources; expected at most that many. A source is a collection, not a document.");
        sources.Add(source, number = (ushort)sources.Count);
        return number;
    }

    private static Tokenised Tokenise(CorpusText text, (TextTokenizer Tokenizer, bool LowerCase)[] tokenizers)
    {
        var sentences = new List<int[][]>();
        foreach (string sentence in SentenceSplitter.Split(text.Text))
            if (Ids(sentence) is var ids && ids[0].Length > 0)
                sentences.Add(ids);
        return new Tokenised(text, sentences, Ids(text.Heading ?? ""));

        int[][] Ids(string part) => [.. tokenizers.Select(tokenizer =>
        {
            string prepared = tokenizer.LowerCase ? TextInputs.Lower(part) : part;
            return MarkedIds(tokenizer.Tokenizer.Tokenize(prepared), prepared);
        })];
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
