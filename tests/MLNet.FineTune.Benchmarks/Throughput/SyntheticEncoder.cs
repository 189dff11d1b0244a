using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>A randomly initialised BERT of a given size with a vocabulary of invented words, and inputs for it.</summary>
internal sealed record SyntheticEncoder(int Layers, int Hidden, int MaxLength, Device Device, int Vocabulary = 8192, int Classes = 4)
{
    private const string Consonants = "bdfgklmnprstvz";
    private const string Vowels = "aeiou";
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Tokens around a text.</summary>
    public const int SpecialTokens = 2;

    public TaskModel Create()
    {
        (EncoderFamily family, EncoderConfig config) = Configuration();
        var encoder = new TransformerEncoder(config with { Device = Device });
        Initialization.Normal(encoder, config.InitializerRange);
        return new TaskModel(family, encoder, HeadFactory.Create(family, encoder, TextTask.SequenceClassification, new(Classes)), TextTask.SequenceClassification);
    }

    public (EncoderFamily Family, EncoderConfig Config) Configuration()
    {
        JsonObject json = new()
        {
            ["model_type"] = "bert",
            ["vocab_size"] = Vocabulary,
            ["hidden_size"] = Hidden,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Math.Max(1, Hidden / 32),
            ["intermediate_size"] = 4 * Hidden,
            ["max_position_embeddings"] = MaxLength,
        };
        return EncoderFamily.Read(json, "synthetic encoder");
    }

    /// <summary>A tokenizer to which every invented word is one token.</summary>
    public TextTokenizer CreateTokenizer() =>
        TextTokenizer.Load(new TrainedWordPiece([.. Special, .. Enumerable.Range(0, Vocabulary - Special.Length).Select(Word)], new BertNormalization(LowerCase: true, StripAccents: true)).Files, "synthetic encoder");

    /// <summary>Texts of a given number of tokens, special ones included.</summary>
    public string[] Texts(int count, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, length - SpecialTokens).Select(_ => Word(random.Next(Vocabulary - Special.Length)))))];
    }

    /// <summary>Rows of random token ids.</summary>
    public int[][] Rows(int count, Func<Random, int> length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, length(random)).Select(_ => random.Next(Special.Length, Vocabulary)).ToArray())];
    }

    /// <summary>Labels of any rows.</summary>
    public int[] Labels(int count) => [.. Enumerable.Range(0, count).Select(row => row % Classes)];

    private static string Word(int number) => Syllable(number / 4900) + Syllable(number / 70 % 70) + Syllable(number % 70);

    private static string Syllable(int number) => $"{Consonants[number / Vowels.Length]}{Vowels[number % Vowels.Length]}";
}
