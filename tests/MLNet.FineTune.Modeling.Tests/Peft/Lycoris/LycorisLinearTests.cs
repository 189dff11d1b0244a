using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>What updates that are formed whole share.</summary>
[TestClass]
public sealed class LycorisLinearTests
{
    /// <summary>While training, each row of the update is left out or scaled up so that the mean stays.</summary>
    [TestMethod]
    public void RankDropoutLeavesRowsOut()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Attach(model, new LoHa { RankDropout = 0.25f, Targets = TargetModules.FeedForwardIn });
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
    public void ModuleDropoutLeavesAllOut()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Attach(model, new LoHa { ModuleDropout = 0.25f, Targets = TargetModules.FeedForwardIn });
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
    public void TrainsWhereModulesAreLeftOut()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LoHa { ModuleDropout = 0.5f });
        List<double> losses = Trainee.Train(adapter, steps: 40);
        Assert.IsLessThan(0.75 * losses.Take(2).Average(), losses.TakeLast(2).Average());
        foreach (AdapterParameter parameter in adapter.Own)
            Assert.IsTrue(parameter.Parameter.isfinite().all().item<bool>(), parameter.Name);
    }

    /// <summary>1 + 10⁻⁴ is 1 in bfloat16: a change that were added to such a weight would do nothing.</summary>
    [TestMethod]
    public void ASmallChangeIsNotLostInBFloat16()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = Attach(model, new LoHa { Rank = 1, Alpha = 1, Targets = TargetModules.Query });
        var module = (LoHaLinear)adapter.Placed[0].Module;
        AdaptableLinear linear = adapter.Placed[0].Linear!;
        linear.Weight.fill_(1);
        linear.Bias.fill_(0);
        linear.WeightsChanged();
        foreach (Tensor factor in new[] { module.FirstA, module.FirstB, module.SecondA })
            factor.fill_(1);
        module.SecondB.fill_(0);
        module.SecondB[0, 0] = tensor(1e-4f);
        Tensor x = tensor(Enumerable.Range(0, linear.Inputs).Select(i => i % 2 == 0 ? 1f : -1f).ToArray()).unsqueeze(0);

        foreach (float output in Numbers(linear.Forward(x.to(ScalarType.BFloat16)).to(ScalarType.Float32)))
            Assert.AreEqual(1e-4f, output, 1e-6f);
    }

    /// <summary>The adapter with an update that is not zero, as in scoring.</summary>
    private static PeftAdapter Attach(TaskModel model, LoHa method)
    {
        PeftAdapter adapter = PeftAdapter.Attach(model, method);
        foreach (AdapterParameter parameter in adapter.Own)
            parameter.Parameter.normal_();
        adapter.Train(false);
        return adapter;
    }

    private static float[] Numbers(Tensor tensor) => [.. tensor.contiguous().data<float>()];
}
