using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Prompting;

/// <summary>The words that stand for classes, each a single token.</summary>
/// <param name="Words">The words of each class.</param>
/// <param name="Ids">Their tokens.</param>
internal sealed record Verbalizer(IReadOnlyList<IReadOnlyList<string>> Words, int[][] Ids)
{
    /// <summary>Looks the words up.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="lowerCase">Whether texts are lower-cased first.</param>
    /// <param name="classes">What the classes are called, for messages.</param>
    /// <param name="words">The words of each class.</param>
    /// <exception cref="ArgumentException">A class has no word, a word is not one token of the vocabulary, or stands for two classes.</exception>
    public static Verbalizer Create(TextTokenizer tokenizer, bool lowerCase, IReadOnlyList<string> classes, IReadOnlyList<IReadOnlyList<string>> words)
    {
        var owners = new Dictionary<int, int>();
        var ids = new int[words.Count][];
        for (int label = 0; label < words.Count; label++)
        {
            if (words[label].Count == 0)
                throw new ArgumentException($"The class '{classes[label]}' has no label word; expected one or more.");
            ids[label] = [.. words[label].Select(word => Require(tokenizer, lowerCase, classes[label], word))];
            foreach ((int id, string word) in ids[label].Zip(words[label]))
                if (!owners.TryAdd(id, label))
                    throw new ArgumentException($"The label word '{word}' of the class '{classes[label]}' is one of '{classes[owners[id]]}' already; expected different words.");
        }
        return new Verbalizer(words, ids);
    }

    /// <summary>The token of a word that follows others; null where it is not exactly one of the vocabulary.</summary>
    public static int? Find(TextTokenizer tokenizer, bool lowerCase, string word) =>
        Tokenize(tokenizer, lowerCase, word) is [{ Id: var id }] && id != tokenizer.UnkId && id != tokenizer.MaskId ? id : null;

    private static int Require(TextTokenizer tokenizer, bool lowerCase, string label, string word)
    {
        if (Find(tokenizer, lowerCase, word) is { } id)
            return id;
        string text = Spaced(lowerCase, word);
        string[] pieces = [.. Tokenize(tokenizer, lowerCase, word).Select(token => token.Id == tokenizer.UnkId ? "an unknown token" : $"'{text[token.Start..token.End].Trim()}'")];
        throw new ArgumentException($"The label word '{word}' of the class '{label}' is {(pieces.Length == 0 ? "nothing" : string.Join(" + ", pieces))} to the encoder's tokenizer; expected a word that is a single token.");
    }

    private static List<Token> Tokenize(TextTokenizer tokenizer, bool lowerCase, string word) => tokenizer.Tokenize(Spaced(lowerCase, word));

    /// <summary>As inside a text: many vocabularies spell a word otherwise where no space comes before it.</summary>
    private static string Spaced(bool lowerCase, string word) => " " + (lowerCase ? TextInputs.Lower(word) : word);
}
