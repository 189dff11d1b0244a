using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

/// <summary>Pre-trainings of encoders so small that they take moments.</summary>
internal static class Toys
{
    /// <summary>Documents about one of six themes: a heading that names it, and sentences of its own words among common ones in fixed phrases.</summary>
    public static List<CorpusText> Corpus(int seed, int documents)
    {
        string[][] themes =
        [
            ["river", "water", "boat", "fish", "bridge"], ["kitchen", "bread", "oven", "salt", "butter"], ["engine", "wheel", "road", "driver", "fuel"],
            ["doctor", "nurse", "fever", "pill", "clinic"], ["judge", "court", "law", "trial", "witness"], ["piano", "song", "singer", "concert", "violin"],
        ];
        string[] phrases = ["The old {0} was near the {1} today.", "People say that a {0} needs some {1} now.", "Every {0} has seen one {1} before noon.", "My {0} and your {1} are never far apart."];
        var random = new Random(seed);
        var texts = new List<CorpusText>();
        for (int document = 0; document < documents; document++)
        {
            string[] theme = themes[random.Next(themes.Length)];
            for (int paragraph = 0; paragraph < 2; paragraph++)
                texts.Add(new CorpusText(
                    string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => string.Format(
                        System.Globalization.CultureInfo.InvariantCulture, phrases[random.Next(phrases.Length)], theme[random.Next(5)], theme[random.Next(5)]))),
                    $"{document}", $"About {theme[random.Next(5)]}"));
        }
        return texts;
    }

    public static EncoderSource Encoder(int layers = 2, int hidden = 32, double dropout = 0.1, int vocabulary = 300) => EncoderSource.FromScratch(new ScratchEncoderOptions
    {
        LayerCount = layers, HiddenSize = hidden, HeadCount = 2, IntermediateSize = 2 * hidden, MaxLength = 40, VocabularySize = vocabulary, Dropout = dropout,
    });

    public static PretrainingOptions Options(int steps, int batchSize = 16) => new()
    {
        MaxLength = 40,
        Precision = Precision.Float32,
        Training = { MaxSteps = steps, BatchSize = batchSize, LearningRate = 5e-3 },
    };

    public static PretrainingTask Task(TemporaryFolder folder, PretrainingOptions options, EncoderSource? encoder = null, string output = "encoder") => new()
    {
        Encoder = encoder ?? Encoder(),
        Texts = () => Corpus(1, 150),
        OutputDirectory = folder.File(output),
        Options = options,
        Device = CPU,
        Seed = 3,
    };

    /// <summary>The losses of every step, by name.</summary>
    public static List<Dictionary<string, double>> Run(PretrainingTask task, Action<TrainingState>? afterStep = null)
    {
        var losses = new List<Dictionary<string, double>>();
        Pretrainer.Run(task with
        {
            Losses = (state, values) =>
            {
                losses.Add(new Dictionary<string, double>(values) { ["sum"] = state.Loss });
                afterStep?.Invoke(state);
            },
        });
        return losses;
    }

    public static float[] Embed(EncoderSource source, IReadOnlyList<string> texts)
    {
        using TextEmbedder embedder = TextEmbedder.Create(source, Precision.Float32, CPU);
        var embeddings = new float[texts.Count * embedder.Dimension];
        embedder.Embed([.. texts.Select(text => new TextInput(text))], embeddings);
        return embeddings;
    }

    public static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double product = 0, first = 0, second = 0;
        for (int i = 0; i < a.Length; i++)
            (product, first, second) = (product + a[i] * b[i], first + a[i] * a[i], second + b[i] * b[i]);
        return product / Math.Sqrt(first * second);
    }
}
