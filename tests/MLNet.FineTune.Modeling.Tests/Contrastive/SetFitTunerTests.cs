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
        options.Progress = new Reports(progress => highest = Math.Max(highest, progress.LearningRate));
        SetFitTuner.Fit(Task(TinyTexts.Task(new FullFineTuning(), options))).Dispose();
        Assert.AreEqual(5e-4, highest, 1e-9);
    }

    /// <summary>The third phase ends where it is told between what was before and what would be after.</summary>
    [TestMethod]
    [DataRow("full", 0.25)]
    [DataRow("lora", 0.5)]
    public void A_share_of_the_third_phase_lies_between_its_ends(string method, double share)
    {
        Dictionary<string, float[]> before = Trained(method, null), after = Trained(method, 1), between = Trained(method, share);
        int moved = 0;
        foreach ((string name, float[] values) in between)
            for (int i = 0; i < values.Length; i++)
            {
                Assert.AreEqual(before[name][i] + share * (after[name][i] - before[name][i]), values[i], 1e-5, name);
                moved += before[name][i] == after[name][i] ? 0 : 1;
            }
        Assert.IsGreaterThan(20, moved);
    }

    [TestMethod]
    public void What_changes_its_modules_in_training_goes_all_the_way()
    {
        Dictionary<string, float[]> after = Trained("adalora", 1), between = Trained("adalora", 0.5);
        foreach ((string name, float[] values) in after)
            CollectionAssert.AreEqual(values, between[name], name);
    }

    /// <summary>Where texts are fewer than the third phase asks for there is none, nor where only the head would train.</summary>
    [TestMethod]
    public void Too_few_texts_and_a_head_alone_have_no_third_phase()
    {
        double texts = (double)TinyTexts.Train.Inputs.Distinct().Count() / TinyTexts.Task(new HeadOnly(), TinyTexts.Options(epochs: 1)).ClassCount;
        Dictionary<string, float[]> two = Trained("bitfit", null), few = Trained("bitfit", 1, texts + 0.1), enough = Trained("bitfit", 1, texts);
        CollectionAssert.AreEqual(two.Values.First(), few.Values.First());
        CollectionAssert.AreNotEqual(two.Values.First(), enough.Values.First());
        CollectionAssert.AreEqual(Trained("head", null).Values.First(), Trained("head", 1).Values.First());
    }

    [TestMethod]
    [DataRow(3, 3)]
    [DataRow(1000, 8)]
    public void Steps_are_limited_and_not_set(int most, int expected)
    {
        TrainingOptions together = TinyTexts.Options(epochs: 2);
        int steps = 0;
        together.BatchSize = (TinyTexts.Train.Inputs.Count + 3) / 4;
        together.Progress = new Reports(progress => steps = progress.Step);
        SetFitTuner.Fit(Task(TinyTexts.Task(new BitFit(), TinyTexts.Options(epochs: 1))) with { EndToEnd = new EndToEndPhase(together, MostSteps: most) }).Dispose();
        Assert.AreEqual(expected, steps);
    }

    /// <summary>What is trained by three phases; by two where no share is given.</summary>
    private static Dictionary<string, float[]> Trained(string method, double? share, double least = 0)
    {
        TrainingOptions together = TinyTexts.Options(epochs: 2);
        together.WeightAveraging = new WeightInterpolation { Share = share ?? 1 };
        EndToEndPhase? phase = share is null ? null : new EndToEndPhase(together, LeastTexts: least);
        using TextClassifier classifier = SetFitTuner.Fit(Task(TinyTexts.Task(PeftMethod.Parse(method), TinyTexts.Options(epochs: 1))) with { EndToEnd = phase });
        return classifier.Adapter.Trainable.ToDictionary(parameter => parameter.Name, parameter => parameter.Parameter.data<float>().ToArray());
    }

    private static SetFitTask Task(FineTuneTask tuning) => new()
    {
        Tuning = tuning,
        Loss = new CosineSimilarityLoss(),
        Pairs = new PairSampling { Iterations = 5 },
        Head = new GradientHeadTrainer(new TrainingOptions { Epochs = 1 }, CPU, seed: 1),
    };

    private sealed class Reports(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
