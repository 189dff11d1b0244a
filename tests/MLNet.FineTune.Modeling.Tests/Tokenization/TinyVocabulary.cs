using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Tokenization;

/// <summary>Small tokenizers built in memory.</summary>
internal static class TinyVocabulary
{
    public static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public static Dictionary<string, byte[]> Files(params (string Name, string Content)[] files) => files.ToDictionary(file => file.Name, file => Utf8(file.Content));

    public static TextTokenizer Load(params (string Name, string Content)[] files) => TextTokenizer.Load(Files(files), "memory");

    public static string Lines(params string[] tokens) => string.Join('\n', tokens) + "\n";

    /// <summary>The special tokens of BERT followed by the given ones.</summary>
    public static string Bert(params string[] tokens) => Lines(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. tokens]);
}
