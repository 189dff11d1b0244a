using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class ChainOfLoraTests
{
    private static ChainOfLora Method => new() { Links = 3, Rank = 2, Alpha = 4 };

    [TestMethod]
    public void AFinishedChainIsALoraOfTheSumOfTheRanks()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        float[] unchanged = TinyEncoder.Logits(model);
        PeftAdapter adapter = PeftAdapter.Attach(model, Method);
        Trainee.Train(adapter, steps: 30);
        float[] expected = TinyEncoder.Logits(model);
        Assert.IsTrue(adapter.Placed.All(placed => ((ChainLinear)placed.Module).Done == 2));

        PeftAdapter finished = adapter.Finish();
        var method = (Lora)finished.Method;
        Assert.AreEqual((6, 12f), (method.Rank, method.Alpha));
        Close(expected, TinyEncoder.Logits(model));
        using (var scope = NewDisposeScope())
        {
            // More than one LoRA of rank 2 can give.
            float[] values = [.. linalg.svdvals(((LoraLinear)finished.Placed[0].Module).WeightDelta(finished.Placed[0].Linear!.Weight)!.detach()).data<float>()];
            Assert.IsGreaterThan(1e-3f, values[2]);
            Assert.IsLessThan(1e-5f, values[6]);
        }
        Assert.IsNotNull(AdapterFiles.Config(finished));
        finished.Merge();
        Close(expected, TinyEncoder.Logits(model));
        finished.Unmerge();
        finished.Dispose();
        CollectionAssert.AreEqual(unchanged.Select(value => MathF.Round(value, 4)).ToArray(), TinyEncoder.Logits(model).Select(value => MathF.Round(value, 4)).ToArray());
    }

    [TestMethod]
    public void TyingALinkChangesNothingButWhatTrains()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Method);
        using (no_grad())
            foreach (ChainLinear module in adapter.Placed.Select(placed => (ChainLinear)placed.Module))
                module.B.normal_();
        float[] expected = TinyEncoder.Logits(model);
        float[] first = [.. ((ChainLinear)adapter.Placed[0].Module).A.data<float>()];
        foreach (ChainLinear module in adapter.Placed.Select(placed => (ChainLinear)placed.Module))
            module.Tie();

        Close(expected, TinyEncoder.Logits(model));
        var placed = (ChainLinear)adapter.Placed[0].Module;
        Assert.IsTrue(placed.B.data<float>().All(value => value == 0));
        CollectionAssert.AreNotEqual(first, placed.A.data<float>().ToArray());
        Assert.AreEqual(1, placed.Done);
    }

    [TestMethod]
    public void EachLinkHasAnEqualShareOfTheStepsAndAScheduleOfItsOwn()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Method);
        PeftTraining training = adapter.Method.CreateTraining(adapter)!;
        var forgotten = new List<(int Step, string[] Names)>();
        int step = 0;
        var state = new TrainingState
        {
            Options = new TrainingOptions { Schedule = LearningRateSchedule.Linear, WarmupRatio = 0 }, Groups = [], TotalSteps = 30, StepsPerEpoch = 10,
            ForgetMoments = names => forgotten.Add((step, [.. names])),
        };
        var rates = new List<double>();
        var settled = new List<bool>();
        for (; step < 30; step++)
        {
            state.Step = step;
            state.LearningRate = 2 * LearningRateSchedules.Factor(LearningRateSchedule.Linear, step, 30, 0);
            training.OnStepStart(state);
            rates.Add(state.LearningRate);
            settled.Add(training.Settled);
            state.Step++;
            training.OnStepEnd(state);
        }

        for (int i = 0; i < 30; i++)
        {
            Assert.AreEqual(2 * (1 - i % 10 / 10.0), rates[i], 1e-9, $"step {i}");
            Assert.AreEqual(i >= 20, settled[i]);
        }
        CollectionAssert.AreEqual((int[])[9, 19], forgotten.Select(one => one.Step).ToArray());
        CollectionAssert.AreEquivalent(adapter.Own.Select(parameter => parameter.Name).ToArray(), forgotten[0].Names);
    }

    [TestMethod]
    public void TheOptimiserForgetsWhatItIsTold()
    {
        using var toy = new Training.Toy();
        using var scope = NewDisposeScope();
        using var optimizer = new AdamW(toy.Groups, 0.9, 0.999, 1e-8);
        foreach (NamedParameter member in toy.Groups.SelectMany(group => group.Parameters))
            member.Parameter.grad = ones_like(member.Parameter).detach();
        optimizer.Step(Gradients.Collect(toy.Groups), 1e-3);
        optimizer.Forget(new HashSet<string> { "hidden.weight" });
        var state = new StateBag();
        optimizer.SaveState(state);
        CollectionAssert.AreEquivalent((string[])["hidden.bias.step", "output.weight.step", "output.bias.step"], state.Values.Keys.ToArray());
    }

    private static void Close(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4f * Math.Max(1, Math.Abs(expected[i])));
    }
}
