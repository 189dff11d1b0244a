using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Pretraining;

/// <summary>A passage as an encoder reads it.</summary>
/// <param name="Ids">Token ids with special tokens around them.</param>
/// <param name="Continues">For each token, whether it continues the word of the one before.</param>
internal sealed record PassageTokens(int[] Ids, bool[] Continues);

/// <summary>Reads passages from the store, cut to the longest input.</summary>
internal sealed class PassageReader(TokenStore store, TextTokenizer tokenizer, int maxLength)
{
    /// <summary>Tokens of a passage with its special tokens, at most the longest input.</summary>
    public int Length(Passage passage)
    {
        int length = 2;
        for (int i = 0; i < passage.Count; i++)
            length += store[passage.First + i].Length;
        return Math.Min(length, maxLength);
    }

    public PassageTokens Read(Passage passage)
    {
        var ids = new int[Length(passage)];
        var continues = new bool[ids.Length];
        ids[0] = tokenizer.ClsId;
        int at = 1;
        for (int i = 0; i < passage.Count && at < ids.Length - 1; i++)
            foreach (int token in store.Tokens(passage.First + i))
            {
                if (at == ids.Length - 1)
                    break;
                ids[at] = token & ~TokenStore.Continues;
                continues[at++] = token < 0;
            }
        ids[^1] = tokenizer.SepId;
        return new PassageTokens(ids, continues);
    }
}
