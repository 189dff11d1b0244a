using System.Text.RegularExpressions;

namespace MLNet.FineTune.Tests.Tokenization;

/// <summary>Byte-level BPE as its description reads, with no thought of speed; also learns merges, to have some.</summary>
internal sealed partial class NaiveByteLevelBpe
{
    private readonly List<string> _characters = [.. Enumerable.Range(0, 256).Select(Character)];
    private readonly List<(string Left, string Right)> _merges = [];

    public NaiveByteLevelBpe(IEnumerable<string> texts, int merges)
    {
        List<List<string>> words = [.. texts.SelectMany(text => Pattern().Matches(text).Select(match => Symbols(match.Value)))];
        while (_merges.Count < merges)
        {
            var best = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).OrderByDescending(group => group.Count()).ThenBy(group => group.Key.First + " " + group.Key.Second, StringComparer.Ordinal).First();
            _merges.Add(best.Key);
            foreach (List<string> word in words)
                Apply(word, best.Key);
        }
        string[] specials = ["<s>", "<pad>", "</s>", "<unk>"];
        Vocabulary = [.. specials, .. _characters, .. _merges.Select(merge => merge.Left + merge.Right).Distinct(), "<mask>"];
    }

    public List<string> Vocabulary { get; }

    public IEnumerable<string> Merges => _merges.Select(merge => $"{merge.Left} {merge.Right}");

    /// <summary>The tokens of a text in which regular expressions see every letter (none beyond the basic plane).</summary>
    public List<string> Tokenize(string text)
    {
        var tokens = new List<string>();
        foreach (Match match in Pattern().Matches(text))
        {
            List<string> word = Symbols(match.Value);
            while (true)
            {
                int best = _merges.FindIndex(merge => word.Zip(word.Skip(1)).Contains(merge));
                if (best < 0)
                    break;
                Apply(word, _merges[best]);
            }
            tokens.AddRange(word);
        }
        return tokens;
    }

    private List<string> Symbols(string word) => [.. System.Text.Encoding.UTF8.GetBytes(word).Select(value => _characters[value])];

    private static void Apply(List<string> word, (string Left, string Right) merge)
    {
        for (int at = 0; at + 1 < word.Count; at++)
            if (word[at] == merge.Left && word[at + 1] == merge.Right)
            {
                word[at] += word[at + 1];
                word.RemoveAt(at + 1);
            }
    }

    /// <summary>Printable Latin-1 stands for itself; the n-th of the others is U+0100 + n.</summary>
    private static string Character(int value)
    {
        bool Printable(int code) => code is (>= 33 and <= 126) or (>= 161 and <= 255) and not 173;
        return ((char)(Printable(value) ? value : 256 + Enumerable.Range(0, value).Count(code => !Printable(code)))).ToString();
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Pattern();
}
