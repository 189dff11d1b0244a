using Microsoft.ML;
using MLNet.FineTune.Benchmarks.Peft;

namespace MLNet.FineTune.Benchmarks.Memory;

/// <summary>The most memory that a self-training takes, by the number of texts without labels: what grows with them are tokens and probabilities, not what the encoder makes of them.</summary>
/// <remarks>The texts are made up while they are read, so that they are not in memory for the measurement's sake. Phases on pseudo-labels have few steps: they change nothing in what is held.</remarks>
internal static class SelfTrainingMemory
{
    private const int Classes = 4, Words = 3000, Labeled = 40;

    /// <summary>The methods, by name.</summary>
    public static IReadOnlyDictionary<string, Func<TrainingOptions, SelfTrainingMethod>> Methods { get; } = new Dictionary<string, Func<TrainingOptions, SelfTrainingMethod>>
    {
        ["pseudo"] = training => new PseudoLabelPretraining { Pretraining = training },
        ["cosine"] = training => new Cosine { Steps = training.MaxSteps!.Value, UpdateEverySteps = training.MaxSteps.Value / 2, ConfidenceThreshold = 0.05 },
        ["em"] = training => new ExpectationMaximization { SelfTraining = training },
        ["semievol"] = training => new SemiEvol { Evolution = training },
        ["distill"] = training => new SelfDistillation { Distillation = training },
    };

    /// <summary>What one method holds with so many texts.</summary>
    /// <returns>The peak of the resident set in megabytes, and what the process holds after a round, when garbage is collected.</returns>
    public static (double PeakMegabytes, ProcessMemory Round) Measure(MemorySettings settings, string method, int rows)
    {
        ProcessMemory round = default;
        var training = new TrainingOptions { MaxSteps = 60, BatchSize = settings.Batch };
        var ml = new MLContext(1);
        var options = new SelfTrainingOptions
        {
            Sentence1ColumnName = nameof(Line.Text),
            Encoder = EncoderSource.FromScratch(new ScratchEncoderOptions
            {
                LayerCount = settings.Layers, HiddenSize = settings.Hidden, HeadCount = settings.Hidden / 32, IntermediateSize = 4 * settings.Hidden, MaxLength = settings.MaxLength, VocabularySize = 2000,
            }),
            Precision = settings.ComputeType == TorchSharp.torch.ScalarType.Float32 ? Precision.Float32 : Precision.BFloat16,
            Training = new TrainingOptions { Epochs = 2, BatchSize = settings.Batch },
            Method = Methods[method](training),
            Unlabeled = ml.Data.LoadFromEnumerable(Texts(2, rows)),
            Progress = new Sink(_ =>
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
                round = ProcessMemory.Measure(rows);
            }),
        };
        IDataView labeled = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Line.Class)).Fit(ml.Data.LoadFromEnumerable(Texts(1, Labeled))).Transform(ml.Data.LoadFromEnumerable(Texts(1, Labeled)));
        PeakMemory.Reset();
        ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(labeled).Dispose();
        return (PeakMemory.Read(), round);
    }

    /// <summary>Texts of 5 to 35 words, a fifth of which tell the class.</summary>
    private static IEnumerable<Line> Texts(int seed, int count)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            int label = i % Classes;
            IEnumerable<string> words = Enumerable.Range(0, random.Next(5, 36)).Select(_ => random.Next(5) == 0 ? Word(label * 50 + random.Next(50)) : Word(random.Next(Classes * 50, Words)));
            yield return new Line { Text = string.Join(' ', words), Class = $"class {label}" };
        }
    }

    private static string Word(int number) => $"{(char)('a' + number % 26)}{(char)('a' + number / 26 % 26)}{(char)('a' + number / 676 % 26)}o";

    private sealed class Line
    {
        public string Text { get; set; } = "";

        public string Class { get; set; } = "";
    }

    private sealed class Sink(Action<SelfTrainingProgress> report) : IProgress<SelfTrainingProgress>
    {
        public void Report(SelfTrainingProgress value) => report(value);
    }
}
