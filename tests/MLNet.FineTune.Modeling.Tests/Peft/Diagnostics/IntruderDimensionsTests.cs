using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class IntruderDimensionsTests
{
    /// <summary>A matrix whose singular vectors are the axes gets a strong direction at 45° to two of them, or along one.</summary>
    [TestMethod]
    public void CosinesWithTheAxes()
    {
        using var scope = NewDisposeScope();
        Tensor before = diag(tensor(new[] { 4f, 3, 2, 1 }));
        Tensor even = tensor(new[] { 0.5f, 0.5f, 0.5f, 0.5f });
        double[] same = IntruderDimensions.Similarities(before, before * 3, top: 4);
        double[] mixed = IntruderDimensions.Similarities(before, before + 1000 * even.outer(even), top: 1);
        double[] raised = IntruderDimensions.Similarities(before, before + diag(tensor(new[] { 0f, 0, 0, 50 })), top: 2);

        Assert.HasCount(4, same);
        Assert.IsTrue(same.All(cosine => cosine > 1 - 1e-5));
        Assert.AreEqual(0.5, mixed.Single(), 1e-3, "as near to each of four axes");
        Assert.IsTrue(raised.All(cosine => cosine > 1 - 1e-5), "a direction of the matrix itself is no intruder, however strong");
    }

    /// <summary>A large update of rank one along the mean of all directions is one intruder; one along the first direction is none.</summary>
    [TestMethod]
    [DataRow(true, 1)]
    [DataRow(false, 0)]
    public void IntrudersOfALoraUpdate(bool foreign, int expected)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Rank = 1, Alpha = 1, Layers = [0], Targets = TargetModules.Query });
        var lora = (LoraLinear)adapter.Placed[0].Module;
        (Tensor u, Tensor _, Tensor vh) = linalg.svd(adapter.Placed[0].Linear!.Weight.detach(), fullMatrices: false);
        using (no_grad())
        {
            lora.B.copy_((foreign ? u.mean([1]) * 4 : u.select(1, 0)).unsqueeze(1) * 100);
            lora.A.copy_((foreign ? vh.mean([0]) * 4 : vh.select(0, 0)).unsqueeze(0));
        }
        IntruderReport report = IntruderDimensions.Find(adapter, top: 4);

        Assert.AreEqual(expected, report.Count);
        Assert.AreEqual("encoder.layers.0.attention.query.weight", report.Weights.Single().Name);
        Assert.HasCount(4, report.Weights.Single().Similarities);
        if (foreign)
            Assert.AreEqual(0.25, report.Weights.Single().Similarities[0], 0.01, "one over the root of 16 directions");
    }

    /// <summary>Weights that train themselves are compared with what they were; the adapter stays on.</summary>
    [TestMethod]
    public void TrainedWeightsAreComparedToo()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new LastLayers { Layers = 1 });
        Assert.IsTrue(IntruderDimensions.Find(adapter).Weights is { Count: 6 } same && same.All(weight => weight.Similarities.All(cosine => cosine > 0.999)));
        Trainee.Train(adapter, steps: 3);
        float[] expected = TinyEncoder.Logits(model);
        IntruderReport report = IntruderDimensions.Find(adapter);
        Assert.IsTrue(report.Weights.Any(weight => weight.Similarities.Any(cosine => cosine < 0.999)));
        Assert.IsTrue(adapter.Active);
        CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model));
    }

    /// <summary>Several modules at one projection make one change: factors on the rows multiply what an update before them added.</summary>
    [TestMethod]
    public void ModulesAtOnePlaceAreOneChange()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PeftUnion(
            new Lora { Rank = 1, Alpha = 1, Layers = [0], Targets = TargetModules.Value }, new Ia3 { Layers = [0], Targets = TargetModules.Value }));
        var lora = (LoraLinear)adapter.Placed[0].Module;
        var factors = (Ia3Linear)adapter.Placed[1].Module;
        Tensor weight = adapter.Placed[0].Linear!.Weight.detach();
        using (no_grad())
        {
            lora.B.normal_();
            lora.A.normal_();
            factors.Factors.uniform_(-4, 4);
        }
        IntruderWeight reported = IntruderDimensions.Find(adapter, top: 16).Weights.Single();
        double[] expected = IntruderDimensions.Similarities(weight, factors.Factors.detach() * (weight + lora.B.detach().matmul(lora.A.detach())), top: 16);
        Assert.AreEqual("encoder.layers.0.attention.value.weight", reported.Name);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], reported.Similarities[i], 1e-3);
    }

    /// <summary>Before a weight that trains and is added to as well lies the pretrained one.</summary>
    [TestMethod]
    public void AWeightThatTrainsAndIsAddedToIsReportedOnce()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new PeftUnion(new LastLayers { Layers = 1 }, new Lora { Rank = 2, Targets = TargetModules.AllLinear }));
        IntruderReport report = IntruderDimensions.Find(adapter);
        Assert.HasCount(12, report.Weights);
        Assert.AreEqual(12, report.Weights.Select(weight => weight.Name).Distinct().Count());
    }

    [TestMethod]
    public void WhatCannotBeComparedIsRefused()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using (PeftAdapter full = PeftAdapter.Attach(model, new FullFineTuning()))
            Assert.Contains("'full'", Assert.ThrowsExactly<NotSupportedException>(() => IntruderDimensions.Find(full)).Message);
        using PeftAdapter lora = PeftAdapter.Attach(model, new Lora());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => IntruderDimensions.Find(lora, top: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => IntruderDimensions.Find(lora, threshold: double.NaN));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => IntruderDimensions.Find(lora, threshold: 1.5));
        lora.Merge();
        Assert.ThrowsExactly<InvalidOperationException>(() => IntruderDimensions.Find(lora));
    }
}
