namespace MLNet.FineTune.Pretraining;

/// <summary>Cuts a corpus into the passages, or pairs of passages, that training sees.</summary>
/// <remarks>
/// Where tokens are predicted alone, sentences are packed up to the longest input, across paragraphs but not documents
/// ("DOC-SENTENCES" of RoBERTa, arXiv 1907.11692). For pairs and embeddings, passages have mixed lengths, as the texts that an encoder
/// meets later have, and stay inside a paragraph; what follows in the same document is the neighbour.
/// </remarks>
internal sealed class PassageBuilder(TokenStore store, int room, Random random)
{
    /// <summary>How long passages of pairs grow, in tokens, and how often; the last stands for the longest input.</summary>
    private static readonly (int Length, double Share)[] Targets = [(12, 0.25), (24, 0.3), (48, 0.3), (int.MaxValue, 0.15)];

    /// <summary>Passages packed with sentences.</summary>
    public List<PassagePair> Packed()
    {
        var passages = new List<PassagePair>();
        int first = 0, tokens = 0, count = 0;
        for (int sentence = 0; sentence < store.SentenceCount; sentence++)
        {
            ref readonly StoredSentence stored = ref store[sentence];
            if (count > 0 && (stored.Mark.HasFlag(SentenceMark.Document) || tokens + stored.Length > room))
                Close(sentence);
            tokens += stored.Length;
            count++;
        }
        Close(store.SentenceCount);
        return passages;

        void Close(int next)
        {
            // Headings of nothing leave passages without tokens.
            if (tokens > 0)
                passages.Add(new PassagePair(new Passage(first, count), default, store[first].Source));
            (first, tokens, count) = (next, 0, 0);
        }
    }

    /// <summary>The passages of pairs, one by one: every sentence of a paragraph once, headings not.</summary>
    public List<PassagePair> Passages() => [.. Pairs(PassagePairs.Dropout).Select(pair => pair with { Positive = default })];

    /// <summary>Pairs of the kinds asked for.</summary>
    public List<PassagePair> Pairs(PassagePairs kinds)
    {
        var pairs = new List<PassagePair>();
        Passage heading = default, before = default;
        bool headed = false;
        for (int sentence = 0; sentence < store.SentenceCount;)
        {
            StoredSentence stored = store[sentence];
            if (stored.Mark.HasFlag(SentenceMark.Document))
                (heading, before) = (default, default);
            if (stored.Mark.HasFlag(SentenceMark.Heading))
            {
                heading = stored.Length > 0 ? new Passage(sentence, 1) : default;
                sentence++;
                headed = false;
                continue;
            }
            if (stored.Mark.HasFlag(SentenceMark.Paragraph))
                headed = false;
            Passage passage = Take(sentence);
            if (kinds.HasFlag(PassagePairs.Dropout))
                pairs.Add(new PassagePair(passage, passage, stored.Source));
            if (kinds.HasFlag(PassagePairs.Heading) && heading.Count > 0 && !headed)
            {
                pairs.Add(new PassagePair(heading, passage, stored.Source));
                headed = true;
            }
            if (kinds.HasFlag(PassagePairs.Neighbor))
            {
                if (before.Count > 0)
                    pairs.Add(new PassagePair(before, passage, stored.Source));
                // Each passage is in one pair of neighbours.
                before = before.Count > 0 ? default : passage;
            }
            sentence += passage.Count;
        }
        return pairs;
    }

    private Passage Take(int first)
    {
        int target = Math.Min(room, Target()), tokens = store[first].Length, count = 1;
        while (first + count < store.SentenceCount && store[first + count] is { Mark: SentenceMark.None } next && tokens + next.Length <= target)
        {
            tokens += next.Length;
            count++;
        }
        return new Passage(first, count);
    }

    private int Target()
    {
        double draw = random.NextDouble();
        foreach ((int length, double share) in Targets)
            if ((draw -= share) < 0)
                return length;
        return Targets[^1].Length;
    }
}
