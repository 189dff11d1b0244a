using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Tests.Models;

namespace MLNet.FineTune.Tests.SelfTraining;

/// <summary>What self-training holds grows with the tokens and classes of texts without labels, not with what the encoder makes of them.</summary>
[TestClass]
public sealed class SelfTrainingMemoryTests
{
    /// <summary>Less than a vector of the encoder's width.</summary>
    private const int MostBytesPerText = 450, Width = 128;

    private static readonly TrainingOptions Short = new() { MaxSteps = 2, BatchSize = 8, FrozenStateMegabytes = 0 };

    private static Dictionary<string, SelfTrainingMethod> Cases { get; } = new()
    {
        ["pseudo"] = new PseudoLabelPretraining { Pretraining = Short },
        ["pseudo, soft"] = new PseudoLabelPretraining { Pretraining = Short, Labels = PseudoLabelKind.Soft, Balance = PseudoLabelBalance.Weights },
        ["em"] = new ExpectationMaximization { SelfTraining = Short },
        ["semievol"] = new SemiEvol { Evolution = Short, Predictions = 2 },
        ["cosine"] = new Cosine { InitialSteps = 2, Steps = 2, UpdateEverySteps = 1, ConfidenceThreshold = 0 },
    };

    public static IEnumerable<object[]> Methods => Cases.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void AnotherTextTakesLittleMore(string method)
    {
        TextInput[] texts = [.. Enumerable.Range(0, 2600).Select(i => new TextInput($"{SelfTrainingTexts.Others.Inputs[i % 160].Text} {i}"))];
        Fit(texts[..100]); // what is made once
        (long Bytes, long Tensors) few = Fit(texts[..600]), many = Fit(texts);
        Assert.AreEqual(few.Tensors, many.Tensors);
        double each = (many.Bytes - few.Bytes) / 2000.0;
        Assert.IsLessThan(MostBytesPerText, each);
        Assert.IsGreaterThan(20, each, "nothing was measured");

        (long, long) Fit(TextInput[] unlabeled)
        {
            (long, long) most = default;
            SelfTrainingTask task = SelfTrainingTexts.Task(Cases[method], Short, new Sink(() => most = (GC.GetTotalMemory(forceFullCollection: true), LiveTensors.Count())));
            using TextClassifier classifier = SelfTrainer.Fit(task with
            {
                Tuning = task.Tuning with
                {
                    Encoder = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 1, HiddenSize = Width, HeadCount = 2, IntermediateSize = Width, MaxLength = 24, VocabularySize = 100, Dropout = 0 }),
                    Unlabeled = new UnlabeledTexts(unlabeled),
                },
            });
            return most;
        }
    }

    private sealed class Sink(Action report) : IProgress<SelfTrainingProgress>
    {
        public void Report(SelfTrainingProgress value) => report();
    }
}
