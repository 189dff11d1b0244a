using System.Text.Json;

namespace MLNet.FineTune.Tokenization;

/// <summary>A WordPiece vocabulary made by <see cref="WordPieceTrainer"/>, in the files that a checkpoint directory has.</summary>
internal sealed class TrainedWordPiece
{
    internal TrainedWordPiece(IReadOnlyList<string> tokens, BertNormalization normalization)
    {
        Tokens = tokens;
        byte[] configuration = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["tokenizer_class"] = "BertTokenizer",
            ["do_lower_case"] = normalization.LowerCase,
            ["strip_accents"] = normalization.StripAccents,
            ["tokenize_chinese_chars"] = normalization.SplitCjk,
            ["pad_token"] = "[PAD]",
            ["unk_token"] = "[UNK]",
            ["cls_token"] = "[CLS]",
            ["sep_token"] = "[SEP]",
            ["mask_token"] = "[MASK]",
        });
        Files = new Dictionary<string, byte[]>
        {
            [WordPieceFormat.VocabularyName] = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', tokens) + "\n"),
            [TokenizerConfiguration.FileName] = configuration,
        };
    }

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
