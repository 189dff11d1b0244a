using System.Runtime.InteropServices;

namespace MLNet.FineTune.Pretraining;

/// <summary>Finds texts of evaluation sets inside a corpus, so that what an encoder is judged by is not what it was trained on.</summary>
/// <remarks>
/// Texts are compared as sequences of words in lower case, whatever stands between them. Texts of fewer words than
/// <see cref="LeastWords"/> are left out: such phrases ("thank you", "what is DNA") say nothing about where they are from.
/// </remarks>
internal sealed class Decontamination
{
    /// <summary>The words that a text needs to count.</summary>
    public const int LeastWords = 5;

    private readonly Dictionary<ulong, List<ulong[]>> _texts = [];

    /// <param name="texts">The texts that must not occur.</param>
    public Decontamination(IEnumerable<string> texts)
    {
        var words = new List<ulong>();
        foreach (string text in texts)
        {
            Words(text, words);
            if (words.Count < LeastWords)
                continue;
            ref List<ulong[]>? sameStart = ref CollectionsMarshal.GetValueRefOrAddDefault(_texts, Start(CollectionsMarshal.AsSpan(words)), out bool _);
            (sameStart ??= []).Add([.. words]);
        }
    }

    /// <summary>Whether one of the texts occurs in a paragraph, from word to word.</summary>
    public bool OccursIn(string paragraph)
    {
        var words = new List<ulong>();
        Words(paragraph, words);
        ReadOnlySpan<ulong> all = CollectionsMarshal.AsSpan(words);
        for (int at = 0; at + LeastWords <= all.Length; at++)
            if (_texts.TryGetValue(Start(all[at..]), out List<ulong[]>? candidates))
                foreach (ulong[] candidate in candidates)
                    if (all[at..].StartsWith(candidate))
                        return true;
        return false;
    }

    /// <summary>One number for the first words.</summary>
    private static ulong Start(ReadOnlySpan<ulong> words)
    {
        ulong hash = 0;
        foreach (ulong word in words[..LeastWords])
            hash = (hash ^ word) * 0x9E3779B97F4A7C15;
        return hash;
    }

    /// <summary>The words of a text as FNV-1a hashes of their letters and digits in lower case.</summary>
    private static void Words(string text, List<ulong> words)
    {
        const ulong Basis = 14695981039346656037, Prime = 1099511628211;
        words.Clear();
        ulong hash = Basis;
        foreach (char c in text)
            if (char.IsLetterOrDigit(c))
                hash = (hash ^ char.ToLowerInvariant(c)) * Prime;
            else if (hash != Basis)
            {
                words.Add(hash);
                hash = Basis;
            }
        if (hash != Basis)
            words.Add(hash);
    }
}
