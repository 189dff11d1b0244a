using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Models;

namespace MLNet.FineTune.Tests.Contrastive;

[TestClass]
public sealed class LinearProbeTests
{
    /// <summary>The head is what was fitted, on all texts or on as many of them as it may have, before anything is trained.</summary>
    [TestMethod]
    [DataRow(1000, null)]
    [DataRow(7, 7)]
    public void The_fitted_head_is_set(int most, int? expected)
    {
        FineTuneTask task = TinyTexts.Task(new HeadOnly(), TinyTexts.Options(epochs: 1));
        var fitted = new FixedHead();
        using FineTuneRun run = FineTuneRun.Start(task with { LinearProbe = new ProbedHead(_ => fitted, MostRows: most) });
        run.Attach();
        LinearProbe.Apply(run);

        Assert.AreEqual(expected ?? run.Rows.Count, fitted.Rows);
        float[] weight = run.Adapter.Trainable.Single(parameter => parameter.Name.EndsWith("output.weight", StringComparison.Ordinal)).Parameter.data<float>().ToArray();
        Assert.HasCount(task.ClassCount * fitted.Width, weight);
        Assert.IsTrue(weight.All(value => value == FixedHead.Weight));
    }

    /// <summary>Random weights make no embeddings to fit a head on.</summary>
    [TestMethod]
    public void An_encoder_that_is_made_for_no_embeddings_starts_at_random()
    {
        var fitted = new FixedHead();
        using FineTuneRun run = FineTuneRun.Start(TinyTexts.Task(new HeadOnly(), TinyTexts.Options(epochs: 1)) with { LinearProbe = new ProbedHead(_ => fitted, FewTexts: 64) });
        run.Attach();
        LinearProbe.Apply(run);
        Assert.IsNull(run.Task.LinearProbe);
        Assert.AreEqual(0, fitted.Rows);
    }

    private sealed class FixedHead : IHeadTrainer
    {
        public const float Weight = 0.25f;

        public int Rows { get; private set; }

        public int Width { get; private set; }

        public LinearHead Fit(EmbeddedTexts embeddings, EmbeddedTexts? validation, Action? checkAlive)
        {
            (Rows, Width) = (embeddings.Count, embeddings.Width);
            return new LinearHead([.. Enumerable.Repeat(Weight, embeddings.ClassCount * Width)], new float[embeddings.ClassCount]);
        }
    }
}
