using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>Training stops where it is told to, and leaves nothing behind but what was asked for.</summary>
[TestClass]
public sealed class CancellationTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    public void Cancelling_the_context_stops_the_fit_at_the_next_step() => StopsAt(6, _ => _ml.Cancel(), CancellationToken.None);

    [TestMethod]
    public void Cancelling_the_token_stops_the_fit_at_the_next_step()
    {
        using var source = new CancellationTokenSource();
        StopsAt(6, _ => source.Cancel(), source.Token);
    }

    [TestMethod]
    public void A_token_that_is_cancelled_already_trains_nothing()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        StopsAt(0, _ => Assert.Fail("a step was taken"), source.Token);
    }

    /// <summary>A callback of the user's that throws ends the fit with that exception.</summary>
    [TestMethod]
    public void An_exception_of_the_progress_report_passes_through_and_frees_everything()
    {
        TextClassificationOptions options = Options(new Sink<TrainingProgress>(_ => throw new TimeZoneNotFoundException("mine")), CancellationToken.None);
        LiveTensors.NoneLeft(() => Assert.AreEqual("mine", Assert.ThrowsExactly<TimeZoneNotFoundException>(() => Tiny.Fit(_ml, options)).Message));
    }

    [TestMethod]
    public void A_diverging_training_names_step_and_learning_rate_and_frees_everything()
    {
        TextClassificationOptions options = Options(null, CancellationToken.None);
        options.Training.LearningRate = 1e30;
        LiveTensors.NoneLeft(() =>
        {
            TrainingDivergedException e = Assert.ThrowsExactly<TrainingDivergedException>(() => Tiny.Fit(_ml, options));
            StringAssert.Contains(e.Message, $"step {e.Step}");
            StringAssert.Contains(e.Message, "learning rate");
        });
    }

    /// <summary>A cancelled training with checkpoints goes on with the same trainer, as if it had not been interrupted.</summary>
    [TestMethod]
    public void A_cancelled_fit_is_resumed_by_the_same_trainer()
    {
        using var folder = new TemporaryFolder();
        IDataView data = Tiny.Load(_ml, Tiny.Make(40));
        using var unbroken = new MLContext(1).MulticlassClassification.Trainers.FineTune(Options(null, CancellationToken.None)).Fit(data);

        using var source = new CancellationTokenSource();
        int last = 0, first = 0;
        TextClassificationOptions options = Options(null, source.Token);
        options.Training.CheckpointDirectory = folder.File("checkpoint");
        options.Training.CheckpointEverySteps = 4;
        options.Training.Progress = new Sink<TrainingProgress>(progress =>
        {
            first = first == 0 ? progress.Step : first;
            if ((last = progress.Step) == 10)
                source.Cancel();
        });
        MulticlassFineTuneTrainer trainer = new MLContext(1).MulticlassClassification.Trainers.FineTune(options);
        Assert.ThrowsExactly<OperationCanceledException>(() => trainer.Fit(data));
        Assert.AreEqual(10, last);
        Assert.HasCount(1, Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories), "the checkpoint and nothing else");

        options.Training.CancellationToken = CancellationToken.None;
        first = 0;
        using var resumed = trainer.Fit(data);
        Assert.AreEqual(9, first);
        Assert.AreEqual(20, last);
        Assert.IsEmpty(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
        Tiny.AssertSame(Tiny.Scores(unbroken, data), Tiny.Scores(resumed, data));
    }

    private void StopsAt(int step, Action<TrainingProgress> stop, CancellationToken token)
    {
        int last = 0;
        TextClassificationOptions options = Options(new Sink<TrainingProgress>(progress =>
        {
            last = progress.Step;
            if (step == 0 || last == step)
                stop(progress);
        }), token);
        LiveTensors.NoneLeft(() => Assert.ThrowsExactly<OperationCanceledException>(() => Tiny.Fit(_ml, options)));
        Assert.AreEqual(step, last);
    }

    private static TextClassificationOptions Options(IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        TextClassificationOptions options = Tiny.Options("lora", epochs: 4, encoder: Tiny.Encoder(dropout: 0.1));
        options.Training.Progress = progress;
        options.Training.CancellationToken = token;
        return options;
    }
}
