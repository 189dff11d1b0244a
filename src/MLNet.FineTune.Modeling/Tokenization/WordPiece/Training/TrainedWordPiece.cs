using System.Text.Json;

namespace MLNet.FineTune.Tokenization;

/// <summary>A WordPiece vocabulary made by <see cref="WordPieceTrainer"/>, in the files that a checkpoint directory has.</summary>
internal sealed class TrainedWordPiece
{
    private readonly BertNormalization _normalization;

    internal TrainedWordPiece(IReadOnlyList<string> tokens, BertNormalization normalization) : this(tokens, normalization, "BertTokenizer", [])
    {
    }

    private TrainedWordPiece(IReadOnlyList<string> tokens, BertNormalization normalization, string tokenizerClass, Dictionary<string, string> furtherTokens)
    {
        (Tokens, _normalization) = (tokens, normalization);
        var configuration = new Dictionary<string, object>
        {
            ["tokenizer_class"] = tokenizerClass,
            ["do_lower_case"] = normalization.LowerCase,
            ["strip_accents"] = normalization.StripAccents,
            ["tokenize_chinese_chars"] = normalization.SplitCjk,
            ["pad_token"] = "[PAD]",
            ["unk_token"] = "[UNK]",
            ["cls_token"] = "[CLS]",
            ["sep_token"] = "[SEP]",
            ["mask_token"] = "[MASK]",
        };
        foreach ((string role, string token) in furtherTokens)
            configuration[role] = token;
        Files = new Dictionary<string, byte[]>
        {
            [WordPieceFormat.VocabularyName] = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', tokens) + "\n"),
            [TokenizerConfiguration.FileName] = JsonSerializer.SerializeToUtf8Bytes(configuration),
        };
    }

    /// <summary>The same tokens as MPNet's tokenizer has them: Python's transformers takes id 1 for padding there, whatever the files say.</summary>
    public TrainedWordPiece ForMPNet() => new(
        [Tokens[1], Tokens[0], .. Tokens.Skip(2)], _normalization, "MPNetTokenizer", new() { ["bos_token"] = "[CLS]", ["eos_token"] = "[SEP]" });

    /// <summary>The tokens; the place of a token is its id.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary><c>vocab.txt</c> and <c>tokenizer_config.json</c>.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    /// <summary>Writes the files into a directory, which is made when absent; a file appears whole or not at all.</summary>
    public void Save(string directory)
    {
        Directory.CreateDirectory(directory);
        foreach ((string name, byte[] contents) in Files)
        {
            string path = Path.Combine(directory, name), temporary = $"{path}.{Guid.NewGuid():N}.tmp";
            try
            {
                File.WriteAllBytes(temporary, contents);
                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
    }
}
