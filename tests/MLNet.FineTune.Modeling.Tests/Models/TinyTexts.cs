using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Models;

/// <summary>A small data set whose classes are told by a word, and what fine-tunes on it in moments.</summary>
internal static class TinyTexts
{
    private static readonly string[][] Telling = [["red", "crimson"], ["green", "olive"], ["blue", "navy"]];
    private static readonly string[] Filler = ["the", "a", "car", "house", "is", "was", "very", "old", "new", "my", "your", "big", "small", "on", "street"];

    public static LabelledTexts Train { get; } = Create(1, 96);

    public static LabelledTexts Test { get; } = Create(2, 30);

    /// <summary>Texts of 2 to 4 words, one of which tells the class.</summary>
    public static LabelledTexts Create(int seed, int rows)
    {
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, rows).Select(i => i % Telling.Length)];
        return new LabelledTexts([.. labels.Select(label =>
        {
            string[] words = [.. Enumerable.Range(0, random.Next(2, 9)).Select(_ => Filler[random.Next(Filler.Length)])];
            return new TextInput(string.Join(' ', words.Append(Telling[label][random.Next(2)]).OrderBy(_ => random.Next())));
        })], labels);
    }

    public static FineTuneTask Task(PeftMethod? method = null, TrainingOptions? training = null, EncoderSource? encoder = null) => new()
    {
        Encoder = encoder ?? Scratch(),
        Peft = method ?? new Lora(),
        Training = training ?? Options(),
        Data = Train,
        ClassCount = Telling.Length,
        Device = CPU,
        Precision = Precision.Float32,
        Seed = 1,
    };

    public static TrainingOptions Options(int epochs = 2) => new() { Epochs = epochs, BatchSize = 8, LearningRate = 2e-2 };

    public static EncoderSource Scratch(double dropout = 0.1) => EncoderSource.FromScratch(
        new ScratchEncoderOptions { LayerCount = 1, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, MaxLength = 24, VocabularySize = 200, Dropout = dropout });

    public static float[] Scores(TextClassifier classifier, IReadOnlyList<TextInput> inputs)
    {
        var scores = new float[inputs.Count * classifier.ClassCount];
        classifier.Score(inputs, scores);
        return scores;
    }

    public static double Accuracy(TextClassifier classifier, LabelledTexts data)
    {
        float[] scores = Scores(classifier, data.Inputs);
        return scores.Chunk(classifier.ClassCount).Zip(data.Labels).Count(row => Array.IndexOf(row.First, row.First.Max()) == row.Second) / (double)data.Labels.Length;
    }

    /// <summary>What a classifier saves, by file name.</summary>
    public static Dictionary<string, byte[]> Save(TextClassifier classifier)
    {
        var files = new Dictionary<string, byte[]>();
        classifier.Save((name, write) =>
        {
            using var stream = new MemoryStream();
            write(stream);
            files.Add(name, stream.ToArray());
        });
        return files;
    }

    public static TextClassifier Load(IReadOnlyDictionary<string, byte[]> files) =>
        TextClassifier.Load(name => files.TryGetValue(name, out byte[]? content) ? new MemoryStream(content) : null, CPU);

    /// <summary>Writes a BERT of 2 layers × 16 whose vocabulary holds the words of the texts, as Hugging Face lays it out.</summary>
    public static void WriteCheckpoint(string directory, int seed = 1, Action<Dictionary<string, Tensor>>? change = null)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(directory);
        using TaskModel model = TinyEncoder.Model("bert", seed);
        File.WriteAllText(Path.Combine(directory, "config.json"), model.Encoder.Config.Source.ToJsonString());
        File.WriteAllText(Path.Combine(directory, "vocab.txt"), Vocabulary);
        var tensors = model.named_parameters().Where(p => !p.name.StartsWith("head.output", StringComparison.Ordinal))
            .ToDictionary(p => model.Names.Tensor(p.name), p => (Tensor)p.parameter);
        change?.Invoke(tensors);
        SafetensorsWriter.Write(Path.Combine(directory, CheckpointDirectory.Safetensors), tensors);
    }

    /// <summary>As <c>vocab.txt</c> holds it.</summary>
    public static string Vocabulary { get; } = Tokenization.TinyVocabulary.Bert([.. Filler, .. Telling.SelectMany(words => words)]);
}
