using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class HalfFineTuningTests
{
    /// <summary>Of every layer two of four attention projections, one of two of the feed-forward network, one of two norms.</summary>
    [TestMethod]
    public void CategoriesAreHalved()
    {
        using TaskModel model = Published.BertBase();
        string[] modules = HalfSelection.Modules(model);
        Assert.HasCount(12 * 8, modules);
        HashSet<string> chosen = HalfSelection.Choose(modules, HalfFineTuningLevel.Category, seed: 4, round: 0);
        for (int layer = 0; layer < 12; layer++)
        {
            string[] names = [.. chosen.Where(name => name.StartsWith($"encoder.layers.{layer}.", StringComparison.Ordinal))];
            Assert.HasCount(4, names);
            Assert.AreEqual(2, names.Count(name => name.Contains(".attention.", StringComparison.Ordinal)));
            Assert.AreEqual(1, names.Count(name => name.Contains(".ffn_", StringComparison.Ordinal) && !name.EndsWith("norm", StringComparison.Ordinal)));
        }
    }

    [TestMethod]
    public void LayersAreHalvedWhole()
    {
        using TaskModel model = Published.BertBase();
        HashSet<string> chosen = HalfSelection.Choose(HalfSelection.Modules(model), HalfFineTuningLevel.Layer, seed: 4, round: 0);
        int?[] layers = [.. chosen.Select(PeftAdapter.LayerOf).Distinct()];
        Assert.HasCount(6, layers);
        Assert.HasCount(6 * 8, chosen);
    }

    [TestMethod]
    public void TheModelIsHalvedAtOnce()
    {
        using TaskModel model = Published.BertBase();
        Assert.HasCount(48, HalfSelection.Choose(HalfSelection.Modules(model), HalfFineTuningLevel.Model, seed: 4, round: 0));
    }

    /// <summary>Over many rounds each module trains in about half of them, and the same round gives the same half.</summary>
    [TestMethod]
    [DataRow(HalfFineTuningLevel.Category)]
    [DataRow(HalfFineTuningLevel.Layer)]
    [DataRow(HalfFineTuningLevel.Model)]
    public void RoundsDrawAnew(HalfFineTuningLevel level)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        string[] modules = HalfSelection.Modules(model);
        var counts = modules.ToDictionary(module => module, _ => 0);
        for (int round = 0; round < 400; round++)
        {
            HashSet<string> chosen = HalfSelection.Choose(modules, level, seed: 1, round);
            Assert.IsTrue(chosen.SetEquals(HalfSelection.Choose(modules, level, seed: 1, round)));
            foreach (string module in chosen)
                counts[module]++;
        }
        // Five standard deviations of a fair coin.
        Assert.IsTrue(counts.Values.All(count => Math.Abs(count - 200) < 50), string.Join(", ", counts.Values));
    }

    /// <summary>In each of three rounds exactly the chosen half moves, and the frozen one keeps its values to the bit; embeddings and head always move.</summary>
    [TestMethod]
    public void OnlyTheHalfOfTheRoundMoves()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        var method = new HalfFineTuning { Rounds = 3, Seed = 2 };
        using PeftAdapter adapter = PeftAdapter.Attach(model, method);
        string[] modules = HalfSelection.Modules(model);
        Dictionary<string, float[]> before = Values(adapter);
        int steps = 0;

        Trainee.Train(adapter, steps: 6, state =>
        {
            Dictionary<string, float[]> after = Values(adapter);
            HashSet<string> chosen = HalfSelection.Choose(modules, method.Level, method.Seed, steps++ / 2);
            foreach (AdapterParameter parameter in adapter.Trainable)
                Assert.AreEqual(parameter.Layer is null || chosen.Contains(ParameterNames.Module(parameter.Name)),
                    !before[parameter.Name].SequenceEqual(after[parameter.Name]), $"{parameter.Name} in step {steps}");
            before = after;
        });
        Assert.AreEqual(6, steps);
        Assert.IsTrue(adapter.Trainable.All(p => p.Parameter.requires_grad), "nothing stays frozen after the training");
    }

    [TestMethod]
    public void AResumedTrainingIsAnUnbrokenOne()
    {
        using var folder = new TemporaryFolder();
        TrainingOptions options = TinyTexts.Options(epochs: 2);
        FineTuneTask task = TinyTexts.Task(new HalfFineTuning { Rounds = 4 }, options);
        using TextClassifier unbroken = FineTuner.Fit(task);
        (options.CheckpointDirectory, options.CheckpointEverySteps) = (folder.Path, 1);
        int step = 0;
        Assert.ThrowsExactly<TimeoutException>(() => FineTuner.Fit(task with { Observers = [new Stop(() => ++step == 11)] }));

        using TextClassifier resumed = FineTuner.Fit(task);

        CollectionAssert.AreEqual(TinyTexts.Scores(unbroken, TinyTexts.Test.Inputs), TinyTexts.Scores(resumed, TinyTexts.Test.Inputs));
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Invalid.Expect(new HalfFineTuning { Rounds = 0 }, "Rounds is 0");
        Invalid.Expect(new HalfFineTuning { Level = (HalfFineTuningLevel)5 }, "Level is 5");
    }

    private static Dictionary<string, float[]> Values(PeftAdapter adapter) => adapter.Trainable.ToDictionary(p => p.Name, p => p.Parameter.detach().data<float>().ToArray());

    private sealed class Stop(Func<bool> now) : ITrainingCallback
    {
        public void OnStepStart(TrainingState state)
        {
            if (now())
                throw new TimeoutException();
        }
    }
}
