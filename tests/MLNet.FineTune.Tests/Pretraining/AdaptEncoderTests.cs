using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Pretraining;

/// <summary>Adaptation to a task, a domain, or both.</summary>
[TestClass]
public sealed class AdaptEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(7);

    public AdaptEncoderTests() => _ml.TempFilePath = Directory.CreateDirectory(_folder.File("temp")).FullName;

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Task_adaptive_pretraining_lowers_the_loss_on_held_out_texts()
    {
        string[] heldOut = ToyTexts.Make(20, seed: 99);
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        EncoderAdaptationOptions options = Options(encoder, task: 150);
        options.TaskPretraining.Training.Epochs = 40;
        EncoderSource adapted = _ml.Transforms.Text.AdaptEncoder(options);
        double before = ToyTexts.MaskedLoss(encoder, heldOut), after = ToyTexts.MaskedLoss(adapted, heldOut);
        Assert.IsGreaterThan(ToyTexts.LossWithoutTopic, before);
        Assert.IsLessThan(ToyTexts.LossWithTopic + 0.2, after);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.File("temp")));
    }

    [TestMethod]
    public void Simple_parameters_are_the_options()
    {
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        IDataView texts = Toy(20, 1);
        // The default length is more than the tiny encoder takes: so much is known of the defaults without waiting for them.
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => _ml.Transforms.Text.AdaptEncoder(encoder, _folder.File("out"), texts));
        StringAssert.Contains(e.Message, "MaxLength is 128; expected at most 32");
        ArgumentOutOfRangeException missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.Text.AdaptEncoder(encoder, _folder.File("out"), domainTexts: texts, textColumnName: "Body"));
        StringAssert.Contains(missing.Message, "'Body'");
    }

    /// <summary>Both phases are what each alone would be, first the domain, then the task from there.</summary>
    [TestMethod]
    public void Both_phases_run_in_order()
    {
        var log = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Info && e.RawMessage.StartsWith("Step ", StringComparison.Ordinal))
                log.Add(e.Source);
        };
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        _ml.Transforms.Text.AdaptEncoder(Options(encoder, task: 40, domain: 80));
        string[] phases = [.. log.Select(source => source.Contains("Domain", StringComparison.Ordinal) ? "domain" : "task")];
        CollectionAssert.AreEqual(phases.OrderBy(phase => phase, StringComparer.Ordinal).ToArray(), phases);
        Assert.AreEqual("domain", phases[0]);
        Assert.AreEqual("task", phases[^1]);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.File("temp")));

        EncoderSource domain = _ml.Transforms.Text.AdaptEncoder(Options(encoder, domain: 80, output: "domain alone"));
        _ml.Transforms.Text.AdaptEncoder(Options(domain, task: 40, output: "then task"));
        ToyTexts.AssertSameFiles(_folder.File("then task"), _folder.File("out"));
    }

    /// <summary>Stopped in either phase, a run with checkpoints goes on where it was and gives the same encoder; a finished phase is not repeated.</summary>
    [TestMethod]
    [DataRow("domain")]
    [DataRow("task")]
    public void An_interrupted_adaptation_resumes(string phase)
    {
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        _ml.Transforms.Text.AdaptEncoder(Options(encoder, task: 60, domain: 60, output: "unbroken"));

        using var source = new CancellationTokenSource();
        List<string> steps = [];
        EncoderAdaptationOptions Run(string stop)
        {
            steps.Clear();
            EncoderAdaptationOptions options = Options(encoder, task: 60, domain: 60);
            options.CheckpointDirectory = _folder.File("checkpoints");
            foreach ((string name, TrainingOptions training) in new[] { ("domain", options.DomainPretraining.Training), ("task", options.TaskPretraining.Training) })
            {
                training.CheckpointEverySteps = 2;
                training.Progress = new Sink<TrainingProgress>(progress =>
                {
                    steps.Add($"{name} {progress.Step}");
                    if (name == stop && progress.Step == 3)
                        source.Cancel();
                });
            }
            // A token of one phase stops the other too.
            options.DomainPretraining.Training.CancellationToken = stop.Length > 0 ? source.Token : CancellationToken.None;
            return options;
        }

        Assert.ThrowsExactly<OperationCanceledException>(() => _ml.Transforms.Text.AdaptEncoder(Run(phase)));
        Assert.IsFalse(Directory.Exists(_folder.File("out")));
        Assert.AreEqual($"{phase} 3", steps[^1]);

        EncoderAdaptationOptions other = Run("");
        other.DomainPretraining.Training.LearningRate = 0.25;
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => _ml.Transforms.Text.AdaptEncoder(other));
        StringAssert.Contains(e.Message, "0.25");
        other = Run("");
        other.DomainTexts = Toy(61, 1);
        e = Assert.ThrowsExactly<InvalidDataException>(() => _ml.Transforms.Text.AdaptEncoder(other));
        StringAssert.Contains(e.Message, "data: checkpoint");

        other = Run("");
        other.DomainPretraining.Distillation = new EncoderDistillation { Teacher = encoder };
        e = Assert.ThrowsExactly<InvalidDataException>(() => _ml.Transforms.Text.AdaptEncoder(other));
        StringAssert.Contains(e.Message, "teacher: checkpoint (absent)");

        _ml.Transforms.Text.AdaptEncoder(Run(""));
        Assert.AreEqual($"{phase} 3", steps[0], "the last checkpoint was at step 2");
        ToyTexts.AssertSameFiles(_folder.File("unbroken"), _folder.File("out"));
        Assert.IsEmpty(Directory.EnumerateFiles(_folder.File("checkpoints"), "*", SearchOption.AllDirectories));
    }

    /// <summary>With a selection the encoder is trained on the task's texts and the chosen ones, and no others of the domain.</summary>
    [TestMethod]
    [DataRow(DomainSelectionMethod.NearestNeighbors)]
    [DataRow(DomainSelectionMethod.Random)]
    public void A_selection_is_trained_on_with_the_task(DomainSelectionMethod method)
    {
        EncoderSource encoder = ToyTexts.Encoder(_folder);
        string[] task = ["money back parcel late", "password account courier refund"];
        string[] domain = ["money back parcel", "tracking please help money", "money back parcel late", "account courier refund locked", "please help money back", "late password account courier"];
        EncoderAdaptationOptions options = Options(encoder);
        (options.TaskTexts, options.DomainTexts) = (ToyTexts.View(_ml, task), ToyTexts.View(_ml, domain));
        options.Selection = new DomainSelection { Method = method, NeighborCount = 1 };
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.RawMessage);
        _ml.Transforms.Text.AdaptEncoder(options);
        Assert.IsTrue(log.Contains("2 texts of the domain were selected."), string.Join('\n', log));
        Assert.IsTrue(log.Any(line => line.StartsWith("Corpus: 4 paragraphs", StringComparison.Ordinal)), string.Join('\n', log));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder.File("temp")));
    }

    private EncoderAdaptationOptions Options(EncoderSource encoder, int? task = null, int? domain = null, string output = "out") => new()
    {
        Encoder = encoder,
        OutputDirectory = _folder.File(output),
        TaskTexts = task is { } count ? Toy(count, seed: 2) : null,
        DomainTexts = domain is { } many ? Toy(many, seed: 1) : null,
        TaskPretraining = ToyTexts.Options(epochs: 2),
        DomainPretraining = ToyTexts.Options(epochs: 2),
    };

    private IDataView Toy(int count, int seed) => ToyTexts.View(_ml, ToyTexts.Make(count, seed));
}
