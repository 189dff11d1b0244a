namespace MLNet.FineTune;

/// <summary>Which tokens of a text are kept when it is longer than the maximum length.</summary>
/// <remarks>
/// <para>Special tokens (<c>[CLS]</c>, <c>[SEP]</c>, <c>&lt;s&gt;</c> …) are always kept; the choice concerns the tokens between them.</para>
/// <para>For a pair of texts, the room is first shared between the two as in <see cref="LongestFirst"/>: a token is taken from
/// the longer text until both fit, so that a short question stays whole beside a long passage. The choice then says which
/// tokens each text keeps within its share.</para>
/// </remarks>
public enum Truncation
{
    /// <summary>Hugging Face's <c>longest_first</c>: of a pair the longer text loses its last tokens first (the second one where both are equally long); a single text keeps its first tokens.</summary>
    LongestFirst,

    /// <summary>The first tokens are kept. For a pair this equals <see cref="LongestFirst"/>.</summary>
    Head,

    /// <summary>The last tokens are kept.</summary>
    Tail,

    /// <summary>
    /// The first quarter of the room (rounded up) is filled from the beginning, the rest from the end: 128 + 382 tokens of 510,
    /// the choice that did best on long documents in Sun et al. 2019, "How to Fine-Tune BERT for Text Classification?" (arXiv 1905.05583).
    /// </summary>
    HeadTail,
}
