using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>The dropouts that the methods of LyCORIS share.</summary>
[TestClass]
public sealed class LycorisLinearTests
{
    /// <summary>While training, each row of the update is left out or scaled up so that the mean stays.</summary>
    [TestMethod]
    [DataRow("loha(rank_dropout=0.25, targets=feed-forward-in)")]
    [DataRow("lokr(rank_dropout=0.25, targets=feed-forward-in)")]
    public void RankDropoutLeavesRowsOut(string method)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Attach(model, PeftMethod.Parse(method));
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        Tensor x = randn(1, linear.Inputs), plain = linear.Forward(x, []), full = linear.Forward(x) - plain;
        CollectionAssert.AreEqual(Numbers(full), Numbers(linear.Forward(x) - plain), "scoring has no dropout");
        adapter.Train(true);

        int left = 0, all = 0;
        for (int draw = 0; draw < 20; draw++)
            foreach ((float whole, float some) in Numbers(full).Zip(Numbers(linear.Forward(x) - plain)))
            {
                all++;
                if (Math.Abs(some) < 1e-5)
                    left++;
                else
                    Assert.AreEqual(whole / 0.75f, some, 1e-3f);
            }
        Assert.AreEqual(0.25, left / (double)all, 0.07);
    }

    [TestMethod]
    [DataRow("loha(module_dropout=0.25, targets=feed-forward-in)")]
    [DataRow("lokr(module_dropout=0.25, targets=feed-forward-in)")]
    public void ModuleDropoutLeavesAllOut(string method)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Attach(model, PeftMethod.Parse(method));
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        Tensor x = randn(1, linear.Inputs);
        float[] plain = Numbers(linear.Forward(x, [])), full = Numbers(linear.Forward(x));
        CollectionAssert.AreNotEqual(plain, full);
        adapter.Train(true);

        int left = 0;
        for (int draw = 0; draw < 200; draw++)
        {
            float[] output = Numbers(linear.Forward(x));
            if (output.SequenceEqual(plain))
                left++;
            else
                CollectionAssert.AreEqual(full, output);
        }
        Assert.AreEqual(0.25, left / 200.0, 0.1);
    }

    /// <summary>A step without some of the modules gives their parameters no gradient.</summary>
    [TestMethod]
    [DataRow("loha(module_dropout=0.5)")]
    [DataRow("lokr(module_dropout=0.5)")]
    public void TrainsWhereModulesAreLeftOut(string method)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, PeftMethod.Parse(method));
        List<double> losses = Trainee.Train(adapter, steps: 40);
        Assert.IsLessThan(0.75 * losses.Take(2).Average(), losses.TakeLast(2).Average());
        foreach (AdapterParameter parameter in adapter.Own)
            Assert.IsTrue(parameter.Parameter.isfinite().all().item<bool>(), parameter.Name);
    }

    /// <summary>The adapter with an update that is not zero, as in scoring.</summary>
    private static PeftAdapter Attach(TaskModel model, PeftMethod method)
    {
        PeftAdapter adapter = PeftAdapter.Attach(model, method);
        foreach (AdapterParameter parameter in adapter.Own)
            parameter.Parameter.normal_();
        adapter.Train(false);
        return adapter;
    }

    private static float[] Numbers(Tensor tensor) => [.. tensor.contiguous().data<float>()];
}
