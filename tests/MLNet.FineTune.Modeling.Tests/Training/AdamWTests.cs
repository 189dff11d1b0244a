using MLNet.FineTune.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AdamW = MLNet.FineTune.Training.AdamW;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class AdamWTests
{
    private const double Beta1 = 0.9, Beta2 = 0.98, Epsilon = 1e-6;

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.1)]
    public void EqualsTorchSharpsAdamW(double decay)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        Parameter[] ours = RandomParameters(), theirs = [.. ours.Select(p => new Parameter(p.detach().clone()))];
        ParameterGroup[] groups = Groups(ours, decay);
        using var optimizer = new AdamW(groups, Beta1, Beta2, Epsilon);
        using var reference = new TorchSharp.Modules.AdamW(
        [
            new TorchSharp.Modules.AdamW.ParamGroup(theirs[..2], 1e-2, Beta1, Beta2, Epsilon, decay),
            new TorchSharp.Modules.AdamW.ParamGroup(theirs[2..], 5e-3, Beta1, Beta2, Epsilon, 0),
        ], 1e-2);
        for (int step = 0; step < 20; step++)
        {
            for (int i = 0; i < ours.Length; i++)
            {
                ours[i].grad = randn_like(ours[i]);
                theirs[i].grad = ours[i].grad!.clone();
            }
            optimizer.Step(Gradients.Collect(groups), 1e-2);
            reference.step();
            for (int i = 0; i < ours.Length; i++)
                Assert.IsLessThan(1e-6, (ours[i] - theirs[i]).abs().max().item<float>(), $"step {step}, parameter {i}");
        }
    }

    [TestMethod]
    public void AParameterWithoutAGradientKeepsValueMomentsAndStep()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(2);
        Parameter[] ours = RandomParameters(), theirs = [.. ours.Select(p => new Parameter(p.detach().clone()))];
        ParameterGroup[] groups = Groups(ours, 0.1);
        using var optimizer = new AdamW(groups, Beta1, Beta2, Epsilon);
        using var reference = new TorchSharp.Modules.AdamW(
            [new TorchSharp.Modules.AdamW.ParamGroup(theirs[..2], 1e-2, Beta1, Beta2, Epsilon, 0.1)], 1e-2);
        for (int step = 0; step < 6; step++)
        {
            // The second parameter takes part in every other step only.
            Gradients.Clear(groups);
            theirs[1].grad = null;
            for (int i = 0; i < (step % 2 == 0 ? 1 : 2); i++)
            {
                ours[i].grad = randn_like(ours[i]);
                theirs[i].grad = ours[i].grad!.clone();
            }
            optimizer.Step(Gradients.Collect(groups), 1e-2);
            reference.step();
        }
        for (int i = 0; i < ours.Length; i++)
            Assert.IsLessThan(1e-6, (ours[i] - theirs[i]).abs().max().item<float>(), $"parameter {i}");
    }

    [TestMethod]
    public void RestoredStateContinuesBitForBit()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        Parameter[] first = RandomParameters();
        ParameterGroup[] groups = Groups(first, 0.1);
        using var optimizer = new AdamW(groups, Beta1, Beta2, Epsilon);
        Tensor[][] gradients = [.. Enumerable.Range(0, 6).Select(_ => first.Select(p => randn_like(p)).ToArray())];
        Apply(optimizer, groups, gradients[..3]);

        var state = new StateBag();
        optimizer.SaveState(state);
        Parameter[] second = [.. first.Select(p => new Parameter(p.detach().clone()))];
        ParameterGroup[] copies = Groups(second, 0.1);
        using var restored = new AdamW(copies, Beta1, Beta2, Epsilon);
        Apply(restored, copies, gradients[3..4]); // a stale state, to be replaced
        for (int i = 0; i < second.Length; i++)
            using (no_grad())
                second[i].copy_(first[i]);
        restored.LoadState(state);

        Apply(optimizer, groups, gradients[3..]);
        Apply(restored, copies, gradients[3..]);
        for (int i = 0; i < first.Length; i++)
            Assert.IsTrue(first[i].bytes.SequenceEqual(second[i].bytes), $"parameter {i}");
    }

    [TestMethod]
    public void ManyStepsLeaveNoTensorsBehind()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter[] parameters = RandomParameters();
        ParameterGroup[] groups = Groups(parameters, 0.1);
        using var optimizer = new AdamW(groups, Beta1, Beta2, Epsilon);
        Apply(optimizer, groups, [[.. parameters.Select(p => ones_like(p))]]);
        long before = Tensor.TotalCount;
        for (int step = 0; step < 50; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            optimizer.Step(Gradients.Collect(groups), 1e-3);
        }
        Assert.AreEqual(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void AnOperatorThatLibtorchLacksIsAnError()
    {
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => TorchOperators.Call("aten::no_such_operator", "", [0]));
        StringAssert.Contains(e.Message, "no_such_operator");
    }

    private static void Apply(AdamW optimizer, ParameterGroup[] groups, Tensor[][] gradients)
    {
        Parameter[] parameters = [.. groups.SelectMany(group => group.Parameters).Select(member => member.Parameter)];
        foreach (Tensor[] step in gradients)
        {
            for (int i = 0; i < parameters.Length; i++)
                parameters[i].grad = step[i].clone();
            optimizer.Step(Gradients.Collect(groups), 1e-2);
        }
    }

    private static Parameter[] RandomParameters() =>
        [new(randn(37, 19)), new(randn(64, 128)), new(randn(5)), new(randn(1))];

    private static ParameterGroup[] Groups(Parameter[] parameters, double decay) =>
    [
        new([new("a", parameters[0]), new("b", parameters[1])], decay, 1),
        new([new("c", parameters[2]), new("d", parameters[3])], 0, 0.5),
    ];
}
