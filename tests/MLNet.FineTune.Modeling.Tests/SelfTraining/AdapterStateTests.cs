using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class AdapterStateTests
{
    /// <summary>AdaLoRA ends as a LoRA of the ranks it decided on: those of the model that is returned to, not those of the last training.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void RanksThatWereDecidedReturnWithTheWeights(bool throughABag)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new AdaLora { InitialRank = 3, TargetRank = 1 });
        AdaLoraLinear[] modules = [.. adapter.Placed.Select(placed => (AdaLoraLinear)placed.Module)];
        void Decide(params bool[] kept)
        {
            foreach (AdaLoraLinear module in modules)
                (module.Kept, module.Schedule) = (kept, new AdaLoraSchedule(3, 1, 0, 0, 10));
        }

        using AdapterState start = AdapterState.Of(adapter);
        Decide(true, false, false);
        AdapterState good = AdapterState.Of(adapter);
        if (throughABag)
        {
            var bag = new StateBag();
            AdapterState.Save(adapter, bag);
            good.Dispose();
            good = AdapterState.Of(bag);
        }
        Decide(false, true, true);
        good.CopyTo(adapter);
        good.Dispose();
        foreach (AdaLoraLinear module in modules)
        {
            CollectionAssert.AreEqual(new[] { true, false, false }, module.Kept);
            Assert.AreEqual(10, module.Schedule!.TotalSteps);
        }
        start.CopyTo(adapter);
        Assert.IsTrue(modules.All(module => module.Kept is null && module.Schedule is null));
    }
}
