namespace MLNet.FineTune.Tokenization;

/// <summary>How special tokens surround a text or a pair: <c>CLS A SEP</c>, and <c>CLS A SEP B SEP</c> or <c>CLS A SEP SEP B SEP</c>.</summary>
/// <param name="ClsId">The token before the text.</param>
/// <param name="SepId">The token after each text.</param>
/// <param name="DoubleSeparator">Whether two separators stand between the texts of a pair (RoBERTa's way).</param>
/// <param name="PairsUseTokenTypes">Whether the second text and its separator have type 1 (BERT's way).</param>
internal sealed record SequenceTemplate(int ClsId, int SepId, bool DoubleSeparator, bool PairsUseTokenTypes)
{
    /// <summary>Of many texts the types of most are all zero: those of one length share an array, which halves what tokens take.</summary>
    private static readonly int[]?[] Zeros = new int[1024][];

    /// <summary>How many special tokens an encoding holds.</summary>
    public int SpecialTokenCount(bool pair) => !pair ? 2 : DoubleSeparator ? 4 : 3;

    /// <summary>Lays out the kept tokens; spans are filled when <paramref name="spans"/> is asked for.</summary>
    public Encoding Assemble(ReadOnlySpan<Token> text, Truncator.Kept keptText, ReadOnlySpan<Token> pair, Truncator.Kept keptPair, bool isPair, bool withSpans, out TokenSpan[] spans)
    {
        int length = keptText.Count + keptPair.Count + SpecialTokenCount(isPair);
        var ids = new int[length];
        int[] types = isPair && PairsUseTokenTypes ? new int[length] : AllZero(length);
        spans = withSpans ? new TokenSpan[length] : [];
        int at = 0;
        Special(ClsId, ids, spans, ref at);
        Copy(text, keptText, 0, ids, spans, ref at);
        Special(SepId, ids, spans, ref at);
        if (isPair)
        {
            int second = at;
            if (DoubleSeparator)
                Special(SepId, ids, spans, ref at);
            Copy(pair, keptPair, 1, ids, spans, ref at);
            Special(SepId, ids, spans, ref at);
            if (PairsUseTokenTypes)
                types.AsSpan(second).Fill(1);
        }
        return new Encoding(ids, types);
    }

    private static int[] AllZero(int length) => length >= Zeros.Length ? new int[length] : Zeros[length] ??= new int[length];

    private static void Special(int id, int[] ids, TokenSpan[] spans, ref int at)
    {
        if (spans.Length > 0)
            spans[at] = TokenSpan.Special;
        ids[at++] = id;
    }

    private static void Copy(ReadOnlySpan<Token> tokens, Truncator.Kept kept, int segment, int[] ids, TokenSpan[] spans, ref int at)
    {
        for (int part = 0; part < 2; part++)
        {
            foreach (Token token in part == 0 ? tokens[..kept.Head] : tokens[^kept.Tail..])
            {
                if (spans.Length > 0)
                    spans[at] = new TokenSpan(segment, token.Start, token.End - token.Start);
                ids[at++] = token.Id;
            }
        }
    }
}
