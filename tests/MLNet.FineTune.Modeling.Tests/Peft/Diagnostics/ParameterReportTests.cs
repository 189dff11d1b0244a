using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class ParameterReportTests
{
    /// <summary>LoRA of rank 8 at query and value of BERT-base adds 294,912 numbers; pooler and classifier train too.</summary>
    [TestMethod]
    public void CountsOfBertBase()
    {
        using TaskModel model = Published.BertBase();
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora());
        ParameterReport report = ParameterCounting.Report(adapter);

        Assert.AreEqual(294_912, report.AddedCount);
        Assert.AreEqual(294_912 + 768 * 769 + 2 * 769, report.TrainableCount);
        Assert.AreEqual(109_482_240 + 2 * 769 + 294_912, report.TotalCount);
        Assert.AreEqual((double)report.TrainableCount / report.TotalCount, report.TrainableShare, 1e-12);
        Assert.HasCount(24 * 2 + 4, report.Parameters.Where(p => p.Trains).ToArray());
        ReportedParameter first = report.Parameters.First(p => p.Added);
        Assert.AreEqual("encoder.layers.0.attention.query.lora_A.weight", first.Name);
        CollectionAssert.AreEqual(new long[] { 8, 768 }, first.Shape.ToArray());
        Assert.AreEqual(0, first.Layer);
    }

    [TestMethod]
    public void TheTableListsWhatTrains()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Layers = [1], Rank = 2, Targets = TargetModules.Query | TargetModules.Value });
        string[] lines = ParameterCounting.Report(adapter).ToTable().TrimEnd().ReplaceLineEndings("\n").Split('\n');

        Assert.HasCount(1 + 4 + 4 + 1, lines);
        Assert.AreEqual("head.dense.weight                               16 × 16            256  model", lines[1]);
        Assert.AreEqual("encoder.layers.1.attention.query.lora_A.weight  2 × 16              32  added", lines[5]);
        Assert.StartsWith("451 of ", lines[^1]);
        Assert.EndsWith("128 are added.", lines[^1]);
    }
}
