using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.SelfTraining;

/// <summary>Classes with several telling words of which the few labelled texts show one each; texts without labels join it to the others.</summary>
internal static class SelfTrainingTexts
{
    private static readonly string[][] Telling = [["red", "crimson", "scarlet"], ["green", "olive", "lime"]];
    private static readonly string[] Filler = ["the", "a", "car", "house", "is", "was", "old", "new"];

    /// <summary>Six texts a class, with its first word.</summary>
    public static LabelledTexts Labeled { get; } = Create(1, 12, random => [0]);

    /// <summary>Texts with the word that labelled ones have, and another.</summary>
    public static LabelledTexts Others { get; } = Create(2, 160, random => [0, random.Next(1, 3)]);

    /// <summary>Texts with one word that no labelled text has.</summary>
    public static LabelledTexts Test { get; } = Create(3, 60, random => [random.Next(1, 3)]);

    public static TrainingOptions Options(int epochs = 15) => new() { Epochs = epochs, BatchSize = 8, LearningRate = 5e-3, FrozenStateMegabytes = 0 };

    public static SelfTrainingTask Task(SelfTrainingMethod method, TrainingOptions? training = null, IProgress<SelfTrainingProgress>? progress = null) => new()
    {
        Method = method,
        Progress = progress,
        Tuning = new FineTuneTask
        {
            Encoder = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 1, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, MaxLength = 24, VocabularySize = 100, Dropout = 0 }),
            Peft = new FullFineTuning(),
            Training = training ?? Options(),
            Data = Labeled,
            Unlabeled = new UnlabeledTexts(Others.Inputs, Others.Labels),
            ClassCount = 2,
            Pooling = PoolingMode.Mean,
            Device = CPU,
            Precision = Precision.Float32,
            Seed = 1,
        },
    };

    private static LabelledTexts Create(int seed, int rows, Func<Random, int[]> words)
    {
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, rows).Select(i => i % Telling.Length)];
        return new LabelledTexts([.. labels.Select(label =>
        {
            IEnumerable<string> telling = words(random).Distinct().Select(word => Telling[label][word]);
            IEnumerable<string> filler = Enumerable.Range(0, random.Next(2, 5)).Select(_ => Filler[random.Next(Filler.Length)]);
            return new TextInput(string.Join(' ', telling.Concat(filler).OrderBy(_ => random.Next())));
        })], labels);
    }
}
