using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Pretraining;

/// <summary>Tells whether two encoders read the same token ids.</summary>
internal static class VocabularyComparison
{
    /// <summary>Enough text that two vocabularies which are not the same differ somewhere.</summary>
    private const int TextsCompared = 1000;

    /// <summary>By their files, or by what they make of texts: files may differ in what does not matter, such as the order of their entries.</summary>
    public static bool Same(PretrainedEncoder first, PretrainedEncoder second, IEnumerable<string> texts)
    {
        TextTokenizer a = first.Tokenizer, b = second.Tokenizer;
        if (first.LowerCase == second.LowerCase && SameFiles(a.Files, b.Files))
            return true;
        return (a.VocabularySize, a.ClsId, a.SepId, a.PadId, a.UnkId, a.MaskId) == (b.VocabularySize, b.ClsId, b.SepId, b.PadId, b.UnkId, b.MaskId)
            && texts.Take(TextsCompared).All(text => Ids(first, text).SequenceEqual(Ids(second, text)));
    }

    private static bool SameFiles(IReadOnlyDictionary<string, byte[]> first, IReadOnlyDictionary<string, byte[]> second) =>
        first.Count == second.Count && first.All(file => second.TryGetValue(file.Key, out byte[]? content) && content.AsSpan().SequenceEqual(file.Value));

    private static IEnumerable<int> Ids(PretrainedEncoder encoder, string text) =>
        encoder.Tokenizer.Tokenize(encoder.LowerCase ? TextInputs.Lower(text) : text).Select(token => token.Id);
}
