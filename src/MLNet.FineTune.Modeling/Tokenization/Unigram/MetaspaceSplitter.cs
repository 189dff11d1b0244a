namespace MLNet.FineTune.Tokenization;

/// <summary>The pre-tokenizer of Unigram models: words, each with U+2581 in front for the white space before it.</summary>
/// <param name="splitsAtWhiteSpace">Whether white space of any kind separates words and is dropped; otherwise each space turns into U+2581.</param>
/// <param name="prepends">Whether what begins without U+2581 gets one: every word where white space is dropped, else every stretch of text.</param>
internal sealed class MetaspaceSplitter(bool splitsAtWhiteSpace, bool prepends)
{
    private const string Supported = "Metaspace with U+2581, alone or after WhitespaceSplit";

    /// <summary>Reads the field <c>pre_tokenizer</c>.</summary>
    /// <exception cref="NotSupportedException">It is another one.</exception>
    public static MetaspaceSplitter Read(TokenizerJson json)
    {
        JsonFields[] steps = json.Root.Object("pre_tokenizer") is not { } pre ? [] : pre.String("type") == "Sequence" ? [.. pre.Array("pretokenizers")] : [pre];
        string[] types = [.. steps.Select(step => step.String("type") ?? "none")];
        if (types is not (["Metaspace"] or ["WhitespaceSplit", "Metaspace"]))
            throw json.Root.Unsupported($"the pre_tokenizer '{(types.Length == 0 ? "none" : string.Join(" + ", types))}' with a Unigram model", Supported);
        JsonFields space = steps[^1];
        if ((space.String("replacement") ?? "\u2581") != "\u2581")
            throw space.Unsupported($"the replacement '{space.String("replacement")}'", Supported);
        if (space.Boolean("split") == false)
            throw space.Unsupported("split = false", "true");
        // Older files have a flag.
        string scheme = space.String("prepend_scheme") ?? (space.Boolean("add_prefix_space") == false ? "never" : "always");
        return scheme is "always" or "never" ? new MetaspaceSplitter(types.Length == 2, scheme == "always")
            : throw space.Unsupported($"prepend_scheme = '{scheme}'", "always and never");
    }

    /// <summary>Splits a stretch of normalised text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ends">Receives where each word ends.</param>
    /// <returns>The words, one after the other.</returns>
    public AlignedText Split(AlignedText text, List<int> ends)
    {
        const char Space = SentencePieceNormalizer.Space;
        var words = new AlignedText();
        bool begins = true;
        for (int at = 0; at < text.Length; at++)
        {
            char character = text.Chars[at] == ' ' && !splitsAtWhiteSpace ? Space : text.Chars[at];
            if (splitsAtWhiteSpace && char.IsWhiteSpace(character))
            {
                begins = true;
                continue;
            }
            if ((begins || character == Space) && words.Length > 0)
                ends.Add(words.Length);
            if (begins && prepends && character != Space)
                words.Append(Space, text.StartOf(at), text.StartOf(at));
            begins = false;
            words.Append(character, text.StartOf(at), text.EndOf(at));
        }
        if (words.Length > 0)
            ends.Add(words.Length);
        return words;
    }
}
