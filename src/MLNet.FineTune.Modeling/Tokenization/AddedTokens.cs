using System.Buffers;
using System.Text;

namespace MLNet.FineTune.Tokenization;

/// <summary>A token that is found in the text before it is split into words, such as <c>[MASK]</c>.</summary>
/// <param name="Content">The text of the token.</param>
/// <param name="Id">Its id.</param>
/// <param name="StripLeft">Whether it swallows white space before it.</param>
/// <param name="StripRight">Whether it swallows white space after it.</param>
/// <param name="Normalized">Whether it is found in the normalised text, where its own text is normalised too: in any case, where text is lower-cased. Otherwise in the raw text.</param>
internal sealed record AddedToken(string Content, int Id, bool StripLeft = false, bool StripRight = false, bool Normalized = false);

/// <summary>Finds added tokens in a text: leftmost first, and of those that begin at one place the longest.</summary>
internal sealed class AddedTokens
{
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<char> _firstCharacters;
    private readonly SearchValues<char> _firstInAnyCase;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _longestFirst = [.. tokens.Where(token => token.Content.Length > 0).DistinctBy(token => token.Content)
            .OrderByDescending(token => token.Content.Length).ThenBy(token => token.Content, StringComparer.Ordinal)];
        char[] first = [.. _longestFirst.Select(token => token.Content[0]).Distinct()];
        _firstCharacters = SearchValues.Create(first);
        _firstInAnyCase = SearchValues.Create([.. first.SelectMany(character => (char[])[char.ToLowerInvariant(character), char.ToUpperInvariant(character)]).Distinct()]);
    }

    /// <summary>The tokens, longest first.</summary>
    public IReadOnlyList<AddedToken> All => _longestFirst;

    /// <summary>Whether one may be in a text in any case: not in one of ASCII characters without the first character of any.</summary>
    public bool MayBeIn(ReadOnlySpan<char> text) => !Ascii.IsValid(text) || text.ContainsAny(_firstInAnyCase);

    /// <summary>The next added token at or after <paramref name="from"/>; false when there is none.</summary>
    public bool TryFind(string text, int from, out int at, out AddedToken token)
    {
        for (at = from; at < text.Length; at++)
        {
            int next = text.AsSpan(at).IndexOfAny(_firstCharacters);
            if (next < 0)
                break;
            at += next;
            foreach (AddedToken candidate in _longestFirst)
            {
                if (text.AsSpan(at).StartsWith(candidate.Content, StringComparison.Ordinal))
                {
                    token = candidate;
                    return true;
                }
            }
        }
        token = null!;
        return false;
    }
}
