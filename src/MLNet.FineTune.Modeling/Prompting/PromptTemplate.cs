using System.Runtime.InteropServices;
using System.Text;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;
using Encoding = MLNet.FineTune.Tokenization.Encoding;

namespace MLNet.FineTune.Prompting;

/// <summary>A sentence with places for the texts and for the hidden word that tells the class, such as <c>{Sentence1} It was {Mask}.</c></summary>
/// <remarks>Braces of the sentence itself are written twice.</remarks>
internal sealed class PromptTemplate
{
    /// <summary>For single texts (Gao et al. 2021, arXiv 2012.15723).</summary>
    public const string Single = "{Sentence1} It was {Mask}.";

    /// <summary>For pairs of texts (ibid.).</summary>
    public const string Pairs = "{Sentence1}? {Mask}, {Sentence2}";

    private const string First = "Sentence1", Second = "Sentence2", Mask = "Mask";
    private static readonly string[] Known = [First, Second, Mask];

    private readonly IReadOnlyList<Part> _parts;

    private PromptTemplate(string text, IReadOnlyList<Part> parts) => (Text, _parts) = (text, parts);

    /// <summary>As it was parsed.</summary>
    public string Text { get; }

    /// <summary>Whether it has a place for a second text.</summary>
    public bool HasPair => _parts.Any(part => part.Place == Second);

    /// <summary>What stands around the places.</summary>
    public string Literals => string.Concat(_parts.Select(part => part.Literal));

    /// <summary>The default template.</summary>
    public static PromptTemplate Default(bool pairs) => Parse(pairs ? Pairs : Single);

    /// <exception cref="FormatException">A place is not known, missing or there twice, or a brace is not closed; says where and what is expected.</exception>
    public static PromptTemplate Parse(string text)
    {
        var parts = new List<Part>();
        var literal = new StringBuilder();
        void Flush()
        {
            if (literal.Length > 0)
                parts.Add(new Part(literal.ToString(), null));
            literal.Clear();
        }

        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            if (c is not ('{' or '}') || (at + 1 < text.Length && text[at + 1] == c))
            {
                at += c is '{' or '}' ? 1 : 0;
                literal.Append(c);
                continue;
            }
            int end = c == '{' ? text.IndexOf('}', at) : -1;
            if (end < 0)
                throw Wrong(text, $"the brace at character {at + 1} has no partner; braces of the text itself are written twice");
            string place = text[(at + 1)..end];
            if (!Known.Contains(place))
                throw Wrong(text, $"'{{{place}}}' at character {at + 1} is not known; known are {string.Join(", ", Known.Select(name => $"{{{name}}}"))}");
            Flush();
            if (parts.Exists(part => part.Place == place))
                throw Wrong(text, $"'{{{place}}}' is there twice");
            parts.Add(new Part("", place));
            at = end;
        }
        Flush();
        foreach (string needed in (string[])[First, Mask])
            if (!parts.Exists(part => part.Place == needed))
                throw Wrong(text, $"'{{{needed}}}' is missing");
        return new PromptTemplate(text, parts);
    }

    /// <summary>Tokens without those of the texts, special ones included; a maximum length must be above this.</summary>
    public int Length(TextTokenizer tokenizer, bool lowerCase) => tokenizer.Assemble(CollectionsMarshal.AsSpan(Fill(tokenizer, lowerCase, new TextInput("", "")).Tokens)).Ids.Length;

    /// <summary>The tokens of a filled template, with exactly one mask: one in a text is an unknown token.</summary>
    /// <param name="tokenizer">The tokenizer; has a mask token.</param>
    /// <param name="lowerCase">Whether texts are lower-cased first.</param>
    /// <param name="input">The texts.</param>
    /// <param name="maxLength">Most tokens; the texts are cut, never the template.</param>
    /// <param name="truncation">What is kept of a longer text.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> leaves no room for the template.</exception>
    public Encoding Encode(TextTokenizer tokenizer, bool lowerCase, TextInput input, int maxLength, Truncation truncation)
    {
        Filled filled = Fill(tokenizer, lowerCase, input);
        int[] owners = [.. filled.Tokens.Select(filled.Owner)];
        int first = owners.Count(owner => owner == 1), second = owners.Count(owner => owner == 2);
        int room = maxLength - tokenizer.SpecialTokenCount(pair: false) - (owners.Length - first - second);
        if (room < 0)
            throw new ArgumentOutOfRangeException(nameof(maxLength), maxLength, $"The prompt alone has {maxLength - room} tokens: the maximum length must be at least that.");
        (int firstRoom, int secondRoom) = Truncator.Share(first, second, room);
        Truncator.Kept[] kept = [new(owners.Length, 0), Truncator.Keep(first, firstRoom, truncation), Truncator.Keep(second, secondRoom, truncation)];
        int[] counts = [owners.Length, first, second], seen = [0, 0, 0];

        var tokens = new List<Token>(maxLength);
        for (int i = 0; i < owners.Length; i++)
        {
            int owner = owners[i], place = seen[owner]++;
            if (place >= kept[owner].Head && place < counts[owner] - kept[owner].Tail)
                continue;
            Token token = filled.Tokens[i];
            tokens.Add(token.Id == tokenizer.MaskId && token.Start != filled.MaskStart ? token with { Id = tokenizer.UnkId } : token);
        }
        return tokenizer.Assemble(CollectionsMarshal.AsSpan(tokens));
    }

    /// <summary>Encodes texts in parallel, in their order.</summary>
    /// <inheritdoc cref="Encode"/>
    public Encoding[] EncodeAll(TextTokenizer tokenizer, bool lowerCase, IReadOnlyList<TextInput> inputs, int maxLength, Truncation truncation, CancellationToken cancellationToken)
    {
        int least = Length(tokenizer, lowerCase);
        if (maxLength < least)
            throw new ArgumentOutOfRangeException(nameof(maxLength), maxLength, $"The prompt alone has {least} tokens: the maximum length must be at least that.");
        var encodings = new Encoding[inputs.Count];
        Parallel.For(0, inputs.Count, new ParallelOptions { CancellationToken = cancellationToken },
            row => encodings[row] = Encode(tokenizer, lowerCase, inputs[row], maxLength, truncation));
        return encodings;
    }

    private Filled Fill(TextTokenizer tokenizer, bool lowerCase, TextInput input)
    {
        var text = new StringBuilder();
        var (first, second, mask) = ((Start: 0, End: 0), (Start: 0, End: 0), 0);
        foreach (Part part in _parts)
        {
            int start = text.Length;
            string literal = part.Place switch
            {
                First => input.Text,
                Second => input.Pair ?? "",
                Mask => tokenizer.MaskToken!,
                _ => part.Literal,
            };
            text.Append(lowerCase && part.Place != Mask ? TextInputs.Lower(literal) : literal);
            if (part.Place == First)
                first = (start, text.Length);
            else if (part.Place == Second)
                second = (start, text.Length);
            else if (part.Place == Mask)
                mask = start;
        }
        return new Filled(tokenizer.Tokenize(text.ToString()), first, second, mask);
    }

    private static FormatException Wrong(string text, string problem) => new($"The prompt template '{text}' is not valid: {problem}. Expected a text such as '{Single}'.");

    private readonly record struct Part(string Literal, string? Place);

    /// <summary>The tokens of a filled template, and where the texts and the mask are in the text that they were made of.</summary>
    private sealed record Filled(List<Token> Tokens, (int Start, int End) First, (int Start, int End) Second, int MaskStart)
    {
        /// <summary>1 or 2 for a token of a text, 0 for one of the template.</summary>
        public int Owner(Token token) => Within(token, First) ? 1 : Within(token, Second) ? 2 : 0;

        private static bool Within(Token token, (int Start, int End) range) => token.Start >= range.Start && token.End <= range.End;
    }
}
