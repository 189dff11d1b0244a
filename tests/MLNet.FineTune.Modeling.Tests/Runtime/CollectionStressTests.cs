using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Runtime;

/// <summary>What the garbage collector frees while native code runs is nothing that the code still reads.</summary>
[TestClass]
public sealed class CollectionStressTests
{
    private const int Scorers = 3;

    /// <summary>MPNet adds a bias to its scores in every layer, DeBERTa two terms of its positions.</summary>
    [TestMethod]
    [DoNotParallelize]
    [DataRow("mpnet")]
    [DataRow("deberta-v2")]
    public void CollectionsDoNotDisturbScoring(string family)
    {
        using TaskModel model = TinyEncoder.Model(family);
        float[] expected = TinyEncoder.Logits(model);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(0.8));
        var scorers = new Task[Scorers];
        for (int i = 0; i < Scorers; i++)
            scorers[i] = Task.Factory.StartNew(() => Score(model, expected, end.Token), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (!Task.WaitAll(scorers, 0))
        {
            _ = new byte[1 << 16];
            GC.Collect(0);
            GC.WaitForPendingFinalizers();
        }
    }

    private static void Score(TaskModel model, float[] expected, CancellationToken end)
    {
        do
            CollectionAssert.AreEqual(expected, TinyEncoder.Logits(model));
        while (!end.IsCancellationRequested);
    }
}
