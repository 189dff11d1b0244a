using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Contrastive;

[TestClass]
public sealed class SetFitTunerTests
{
    /// <summary>Contrastive training sees a text many times an epoch: what no training changes of it is computed once.</summary>
    [TestMethod]
    public void The_outputs_of_frozen_layers_are_computed_once_for_each_text()
    {
        using var states = new HiddenStateCaches(10 << 20);
        float[] computed = Scores(null), read = Scores(states);
        HiddenStateCache cache = states.At(3, allStates: false, firstOnly: false);
        Assert.AreEqual(TinyTexts.Train.Inputs.Distinct().Count(), cache.Count);
        Assert.IsGreaterThan(2 * TinyTexts.Train.Labels.Length, cache.Hits);
        foreach ((float expected, float actual) in computed.Zip(read))
            Assert.AreEqual(expected, actual, 1e-3);

        static float[] Scores(HiddenStateCaches? states)
        {
            TrainingOptions options = TinyTexts.Options(epochs: 1);
            (options.FrozenStateMegabytes, options.LearningRate) = (0, 2e-3);
            EncoderSource deep = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 4, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, MaxLength = 24, VocabularySize = 200, Dropout = 0.1 });
            using TextClassifier classifier = SetFitTuner.Fit(Task(TinyTexts.Task(new Lora { Layers = [3] }, options, deep) with { FrozenStates = states }));
            return TinyTexts.Scores(classifier, TinyTexts.Test.Inputs);
        }
    }

    /// <summary>A rate that keeps what pre-training taught would teach random weights nothing.</summary>
    [TestMethod]
    public void Random_weights_learn_at_the_rate_of_any_training()
    {
        double highest = 0;
        TrainingOptions options = TinyTexts.Options(epochs: 1);
        (options.LearningRate, options.Schedule) = (null, LearningRateSchedule.Constant);
        options.Progress = new Highest(rate => highest = Math.Max(highest, rate));
        SetFitTuner.Fit(Task(TinyTexts.Task(new FullFineTuning(), options))).Dispose();
        Assert.AreEqual(5e-4, highest, 1e-9);
    }

    private static SetFitTask Task(FineTuneTask tuning) => new()
    {
        Tuning = tuning,
        Loss = new CosineSimilarityLoss(),
        Pairs = new PairSampling { Iterations = 5 },
        Head = new GradientHeadTrainer(new TrainingOptions { Epochs = 1 }, CPU, seed: 1),
    };

    private sealed class Highest(Action<double> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value.LearningRate);
    }
}
