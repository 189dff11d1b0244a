using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class SvFitTests
{
    /// <summary>The merged weight has the trained singular values, the others as they were.</summary>
    [TestMethod]
    public void TrainsTheLargestSingularValues()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new SvFit { Rank = 3, Targets = TargetModules.FeedForwardIn });
        var module = (SvFitLinear)adapter.Placed[0].Module;
        Tensor weight = adapter.Placed[0].Linear!.Weight;
        float[] before = [.. linalg.svdvals(weight).data<float>()];
        Assert.AreEqual(3, module.Values.numel());
        module.Values.mul_(1.5);

        float[] after = [.. linalg.svdvals(weight + module.WeightDelta(weight)).data<float>()];
        for (int i = 0; i < before.Length; i++)
            Assert.AreEqual(i < 3 ? 1.5f * before[i] : before[i], after[i], 1e-4f);
    }

    [TestMethod]
    public void HoldsNoMoreThanItsSingularValues()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new SvFit { Rank = 1000, Targets = TargetModules.Query });
        Assert.AreEqual(2 * 16, adapter.Own.Sum(parameter => parameter.Parameter.numel()), "as many as the weight has");
        Assert.AreEqual(2 * 16, adapter.State.Sum(state => state.Tensor.numel()));
    }

    [TestMethod]
    public void AnotherEncoderIsRefused()
    {
        using TaskModel model = TinyEncoder.Model("bert"), other = TinyEncoder.Model("bert", seed: 2);
        using PeftAdapter adapter = PeftAdapter.Attach(model, new SvFit()), onOther = PeftAdapter.Attach(other, new SvFit());
        using var file = new MemoryStream();
        AdapterFiles.SaveWeights(adapter, file);
        using SafetensorsFile source = SafetensorsFile.Parse(file.ToArray(), "adapter");
        Assert.Contains("bert.encoder.layer.0.attention.self.query", Assert.ThrowsExactly<InvalidDataException>(() => AdapterFiles.LoadWeights(onOther, source)).Message);
    }
}
