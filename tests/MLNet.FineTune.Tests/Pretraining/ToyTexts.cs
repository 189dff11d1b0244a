using Microsoft.ML;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;
using EncoderInput = MLNet.FineTune.Encoders.EncoderInput;

namespace MLNet.FineTune.Tests.Pretraining;

/// <summary>A row of a corpus.</summary>
internal sealed class CorpusRow
{
    public string? Text { get; set; }

    public string? Document { get; set; }

    public string? Heading { get; set; }

    public string? Source { get; set; }

    public float Number { get; set; }
}

/// <summary>Texts whose words tell their topic and so each other, and how well an encoder has learnt that.</summary>
internal static class ToyTexts
{
    /// <summary>Words that the tiny encoder's vocabulary has, one token each.</summary>
    private static readonly string[][] Topics = [["money", "back", "refund"], ["parcel", "late", "courier"], ["password", "account", "locked"], ["tracking", "please", "help"]];

    /// <summary>The loss of one who knows the words but not the topic of a text.</summary>
    public static readonly double LossWithoutTopic = Math.Log(12);

    /// <summary>The loss of one who knows the topic: nothing lower can be learnt.</summary>
    public static readonly double LossWithTopic = Math.Log(3);

    public static string[] Make(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            string[] words = Topics[random.Next(Topics.Length)];
            return string.Join(' ', Enumerable.Range(0, random.Next(5, 9)).Select(_ => words[random.Next(words.Length)]));
        })];
    }

    public static IDataView View(MLContext ml, IEnumerable<string?> texts) => ml.Data.LoadFromEnumerable(texts.Select(text => new CorpusRow { Text = text }).ToArray());

    /// <summary>A trained-looking directory of a tiny encoder with 32 positions and no dropout.</summary>
    public static EncoderSource Encoder(TemporaryFolder folder, string name = "encoder") => EncoderSource.FromDirectory(Fixtures.EncoderDirectory.Write(folder.File(name)));

    /// <summary>Options that learn the topics in a second; float32, so that results are the same on every machine's kind of arithmetic.</summary>
    public static PretrainingOptions Options(int epochs = 1, double learningRate = 5e-3) => new()
    {
        MaxLength = 32,
        Precision = Precision.Float32,
        Training = { Epochs = epochs, BatchSize = 16, LearningRate = learningRate },
    };

    /// <summary>The mean negative log-probability of every second word when it is hidden.</summary>
    public static double MaskedLoss(EncoderSource source, IReadOnlyList<string> texts)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        using PretrainedEncoder encoder = source.Open([]);
        using TaskModel model = encoder.CreateMaskedLanguageModel(CPU, dropout: 0);
        model.eval();
        double sum = 0;
        int count = 0;
        foreach (string text in texts)
        {
            int[] ids = ((IReadOnlyList<TextInput>)[new TextInput(text)]).Encode(encoder.Tokenizer, false, 32, Truncation.LongestFirst)[0].Ids;
            int[] masked = [.. ids.Select((id, i) => i > 0 && i < ids.Length - 1 && i % 2 == 0 ? encoder.Tokenizer.MaskId!.Value : id)];
            using EncoderInput input = EncoderInput.Create([masked], null, encoder.Config, CPU);
            Tensor scores = nn.functional.log_softmax(model.Forward(input), dim: -1);
            for (int i = 2; i < ids.Length - 1; i += 2, count++)
                sum -= scores[0, i, ids[i]].item<float>();
        }
        return sum / count;
    }

    /// <summary>The files of an encoder's directory, by name.</summary>
    public static Dictionary<string, byte[]> Files(string directory) =>
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(directory, path), File.ReadAllBytes);

    public static void AssertSameFiles(string expected, string found)
    {
        Dictionary<string, byte[]> a = Files(expected), b = Files(found);
        CollectionAssert.AreEquivalent(a.Keys, b.Keys);
        foreach (string name in a.Keys)
            CollectionAssert.AreEqual(a[name], b[name], name);
    }
}
