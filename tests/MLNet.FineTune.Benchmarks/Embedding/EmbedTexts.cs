using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Benchmarks.Embedding;

/// <summary>Texts of common words, of a given mean length to a tokenizer.</summary>
internal static class EmbedTexts
{
    private const string Words =
        "the of and to in is that for it was on are with as at be this have from or one had by word but not what all were we when your can said there use an each which she do how "
        + "their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first "
        + "water been call who oil its now find long down day did get come made may part order account payment delivery question service price letter morning history science city "
        + "house garden music paper river school window summer winter doctor market office travel report change problem answer reason family friend country government";

    /// <param name="count">How many.</param>
    /// <param name="tokens">Mean tokens, special ones included; a text has three to seven fifths of it, up to the last word's tokens.</param>
    /// <param name="tokenizer">Counts.</param>
    /// <returns>The texts and the tokens of each.</returns>
    public static (string[] Texts, int[] Tokens) Create(int count, int tokens, TextTokenizer tokenizer)
    {
        var random = new Random(1);
        string[] words = Words.Split(' ');
        Dictionary<string, int> lengths = words.ToDictionary(word => word, word => tokenizer.Tokenize(word).Count);
        int special = tokenizer.SpecialTokenCount(pair: false);
        int least = Math.Max(special + 1, tokens * 3 / 5);
        var texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            int wanted = random.Next(least, 2 * tokens - least + 1);
            var chosen = new List<string>();
            for (int have = special; have < wanted; have += lengths[chosen[^1]])
                chosen.Add(words[random.Next(words.Length)]);
            texts[i] = string.Join(' ', chosen);
        }
        return (texts, [.. texts.Select(text => tokenizer.Encode(text, null, int.MaxValue, Truncation.LongestFirst).Ids.Length)]);
    }

    /// <summary>Writes an encoder with random weights, whose vocabulary has the words.</summary>
    public static void WriteEncoder(string directory, int layers, int hidden)
    {
        EncoderSource source = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = layers, HiddenSize = hidden, HeadCount = hidden / 32, IntermediateSize = 4 * hidden });
        using PretrainedEncoder encoder = source.Open(Enumerable.Repeat(Words, 4));
        using TaskModel model = encoder.CreateMaskedLanguageModel(TorchSharp.torch.CPU, dropout: null);
        EncoderDirectory.Write(directory, model, encoder, PoolingMode.Mean, half: true);
    }
}
