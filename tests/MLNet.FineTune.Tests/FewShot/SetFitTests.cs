using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tests.Trainers;

namespace MLNet.FineTune.Tests.FewShot;

[TestClass]
public sealed class SetFitTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow("full", "cosine")]
    [DataRow("lora", "cosine")]
    [DataRow("full", "supervised-contrastive")]
    [DataRow("full", "online-contrastive")]
    [DataRow("full", "triplet(mining=batch_hard, margin=1)")]
    [DataRow("full", "multiple-negatives-ranking")]
    public void The_contrastive_phase_makes_embeddings_that_tell_classes_apart(string method, string loss)
    {
        IDataView train = Tiny.Load(_ml, Tiny.Make(60)), test = Tiny.Load(_ml, Tiny.Make(120, seed: 2));
        SetFitOptions options = Options(method);
        (options.Loss, options.EndToEnd) = (EmbeddingLoss.Parse(loss), null);
        MulticlassSetFitTrainer trainer = _ml.MulticlassClassification.Trainers.SetFit(options);
        using MulticlassTextClassificationTransformer model = trainer.Fit(train);
        using MulticlassTextClassificationTransformer frozen = _ml.MulticlassClassification.Trainers.SetFit(Options("head")).Fit(train);
        double tuned = Accuracy(model, test), untuned = Accuracy(frozen, test);
        Assert.IsGreaterThan(0.8, tuned);
        Assert.IsGreaterThan(untuned, tuned);
        OutputSchemaTests.AssertSame(trainer.GetOutputSchema(train.Schema.Shape()), model.GetOutputSchema(train.Schema).Shape());
    }

    [TestMethod]
    public void Two_classes_go_through_the_binary_trainer()
    {
        SetFitOptions options = Options("full");
        options.LabelColumnName = nameof(Row.Positive);
        using BinaryTextClassificationTransformer model = _ml.BinaryClassification.Trainers.SetFit(options).Fit(_ml.Data.LoadFromEnumerable(Tiny.Make(80)));
        var metrics = _ml.BinaryClassification.Evaluate(model.Transform(_ml.Data.LoadFromEnumerable(Tiny.Make(120, seed: 2))), nameof(Row.Positive));
        Assert.IsGreaterThan(0.8, metrics.AreaUnderRocCurve);
    }

    [TestMethod]
    [DataRow("full", false, false)]
    [DataRow("lora", true, false)]
    [DataRow("full", false, true)]
    public void A_differentiable_head_learns_alone_and_end_to_end_and_a_saved_model_scores_the_same(string method, bool endToEnd, bool normalize)
    {
        IDataView train = Tiny.Load(_ml, Tiny.Make(60)), test = Tiny.Load(_ml, Tiny.Make(60, seed: 2));
        SetFitOptions options = Options(method);
        (options.Head, options.EndToEnd) = (new DifferentiableHead(), endToEnd ? new EndToEndTuning { LearningRate = 2e-3 } : null);
        options.NormalizeEmbeddings = normalize;
        using var model = _ml.MulticlassClassification.Trainers.SetFit(options).Fit(train);
        Assert.IsGreaterThan(0.7, Accuracy(model, test));

        using var folder = new TemporaryFolder();
        _ml.Model.Save(model, train.Schema, folder.File("model.zip"));
        ITransformer loaded = new MLContext().Model.Load(folder.File("model.zip"), out _);
        Tiny.AssertSame(Tiny.Scores(model, test), Tiny.Scores(loaded, test));
        ((IDisposable)loaded).Dispose();
    }

    [TestMethod]
    public void Options_of_the_third_phase_out_of_range_are_named()
    {
        void Refused(EndToEndTuning bad, string says)
        {
            SetFitOptions options = Options("full");
            options.EndToEnd = bad;
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.SetFit(options)).Message, $"EndToEndTuning.{says}");
        }

        Refused(new() { Epochs = 0 }, "Epochs is 0");
        Refused(new() { MaxSteps = 0 }, "MaxSteps is 0");
        Refused(new() { LearningRate = 0 }, "LearningRate is 0");
        Refused(new() { MinimumTextsPerClass = -1 }, "MinimumTextsPerClass is -1");
        Refused(new() { Share = 0 }, "Share is 0");
        Refused(new() { Share = 1.5 }, "Share is 1.5");
    }

    [TestMethod]
    public void The_seed_of_the_context_decides_the_model()
    {
        IDataView data = Tiny.Load(_ml, Tiny.Make(24));
        float[][] Scores(int seed)
        {
            using var model = new MLContext(seed).MulticlassClassification.Trainers.SetFit(Options("full")).Fit(data);
            return Tiny.Scores(model, data);
        }

        float[][] first = Scores(5);
        Tiny.AssertSame(first, Scores(5));
        CollectionAssert.AreNotEqual(first[0], Scores(6)[0]);
    }

    [TestMethod]
    public void Simple_arguments_and_options_give_the_same_model()
    {
        IDataView data = Tiny.Load(_ml, Tiny.Make(24));
        using var simple = new MLContext(3).MulticlassClassification.Trainers.SetFit(Tiny.Encoder(), "Label", nameof(Row.Text), "S", "P", new Lora { Rank = 2 }, iterations: 3, epochs: 2).Fit(data);
        using var full = new MLContext(3).MulticlassClassification.Trainers.SetFit(new SetFitOptions
        {
            Encoder = Tiny.Encoder(), Sentence1ColumnName = nameof(Row.Text), ScoreColumnName = "S", PredictedLabelColumnName = "P",
            Peft = new Lora { Rank = 2 }, Pairs = new PairSampling { Iterations = 3 }, Training = { Epochs = 2 },
        }).Fit(data);
        Tiny.AssertSame([.. simple.Transform(data).GetColumn<float[]>("S")], [.. full.Transform(data).GetColumn<float[]>("S")]);
    }

    [TestMethod]
    public void Validation_keeps_the_best_embeddings_and_stops_early()
    {
        int evaluations = 0, steps = 0;
        SetFitOptions options = Options("full");
        options.ValidationSet = Tiny.Load(_ml, Tiny.Make(60, seed: 2));
        options.Training.Epochs = 20;
        options.Training.EarlyStoppingPatience = 2;
        options.Training.Progress = new Sink<TrainingProgress>(progress =>
        {
            steps = progress.Step;
            if (progress.ValidationMetric is not null)
                evaluations++;
        });
        using var model = _ml.MulticlassClassification.Trainers.SetFit(options).Fit(Tiny.Load(_ml, Tiny.Make(60)));
        Assert.IsGreaterThan(2, evaluations);
        Assert.IsGreaterThan(0, steps);
        Assert.IsGreaterThan(0.8, Accuracy(model, options.ValidationSet));
    }

    [TestMethod]
    public void A_cancelled_training_goes_on_from_its_checkpoint_to_the_same_model()
    {
        IDataView data = Tiny.Load(_ml, Tiny.Make(40));
        using var folder = new TemporaryFolder();
        using var source = new CancellationTokenSource();
        SetFitOptions Checkpointed(CancellationToken token, Action<int> atStep)
        {
            SetFitOptions options = Options("full", dropout: 0.1);
            (options.Training.CheckpointDirectory, options.Training.CheckpointEverySteps, options.Training.CancellationToken) = (folder.Path, 2, token);
            options.Training.Progress = new Sink<TrainingProgress>(progress => atStep(progress.Step));
            return options;
        }

        Assert.ThrowsExactly<OperationCanceledException>(() => new MLContext(2).MulticlassClassification.Trainers.SetFit(Checkpointed(source.Token, step =>
        {
            if (step == 5)
                source.Cancel();
        })).Fit(data));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
        int first = 0;
        using var resumed = new MLContext(2).MulticlassClassification.Trainers.SetFit(Checkpointed(CancellationToken.None, step => first = first == 0 ? step : first)).Fit(data);
        Assert.AreEqual(5, first);
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
        using var unbroken = new MLContext(2).MulticlassClassification.Trainers.SetFit(Options("full", dropout: 0.1)).Fit(data);
        Tiny.AssertSame(Tiny.Scores(unbroken, data), Tiny.Scores(resumed, data));
    }

    [TestMethod]
    public void A_model_gives_its_adapter_to_a_set_that_scores_the_same()
    {
        IDataView data = Tiny.Load(_ml, Tiny.Make(24));
        using var folder = new TemporaryFolder();
        SetFitOptions options = Options("lora");
        options.Encoder = EncoderSource.Default;
        options.NormalizeEmbeddings = true;
        using var model = _ml.MulticlassClassification.Trainers.SetFit(options).Fit(data);
        using AdapterSet set = _ml.FineTuning().CreateAdapterSet(EncoderSource.Default, Precision.Float32);
        set.Add("mine", model);
        string[] texts = [.. Tiny.Make(5).Select(row => row.Text!)];
        float[][] expected = Tiny.Scores(model, Tiny.Load(_ml, Tiny.Make(5)));
        float[][] logits = set.Score(texts, ["mine", "mine", "mine", "mine", "mine"]);
        for (int row = 0; row < texts.Length; row++)
            Assert.AreEqual(Array.IndexOf(expected[row], expected[row].Max()), Array.IndexOf(logits[row], logits[row].Max()));
    }

    /// <summary>Nothing but the head is fitted here: that looks at the token too.</summary>
    /// <summary>As sentence-transformers, whose Normalize module is part of the encoder.</summary>
    [TestMethod]
    [DataRow(null, true)]
    [DataRow(false, false)]
    public void Embeddings_have_length_one_where_the_encoder_says_so(bool? asked, bool expected)
    {
        using var folder = new TemporaryFolder();
        string encoder = Fixtures.EncoderDirectory.Write(folder.File("encoder"));
        Directory.CreateDirectory(Path.Combine(encoder, "1_Pooling"));
        File.WriteAllText(Path.Combine(encoder, "1_Pooling/config.json"), """{"pooling_mode_mean_tokens":true}""");
        string[] modules = ["Transformer", "Pooling", "Normalize"];
        File.WriteAllText(Path.Combine(encoder, "modules.json"),
            $"[{string.Join(',', modules.Select((module, i) => $$"""{"idx":{{i}},"path":"{{(i == 0 ? "" : $"{i}_{module}")}}","type":"sentence_transformers.models.{{module}}"}"""))}]");
        SetFitOptions options = Options("head");
        (options.Encoder, options.NormalizeEmbeddings) = (EncoderSource.FromDirectory(encoder), asked);
        using var model = _ml.MulticlassClassification.Trainers.SetFit(options).Fit(Tiny.Load(_ml, Tiny.Make(24)));
        Assert.AreEqual(expected, model.Inspect(classifier => classifier.IsNormalized));
    }

    [TestMethod]
    public void A_cancelled_token_stops_what_takes_no_training_step()
    {
        SetFitOptions options = Options("head");
        options.Training.CancellationToken = new CancellationToken(canceled: true);
        Assert.ThrowsExactly<OperationCanceledException>(() => _ml.MulticlassClassification.Trainers.SetFit(options).Fit(Tiny.Load(_ml, Tiny.Make(24))));
    }

    [TestMethod]
    public void Class_weights_of_another_number_are_refused_before_the_encoder_is_opened()
    {
        SetFitOptions options = Options("full");
        options.Encoder = EncoderSource.FromDirectory("nowhere");
        options.Training.ClassWeights = [1, 2];
        string message = Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.SetFit(options).Fit(Tiny.Load(_ml, Tiny.Make(24)))).Message;
        StringAssert.Contains(message, "ClassWeights has 2 weights; expected 3");
    }

    [TestMethod]
    public void Options_out_of_range_are_refused_before_there_is_data()
    {
        Refused(o => o.Loss = null!, "SetFitOptions.Loss", "CosineSimilarityLoss");
        Refused(o => o.Pairs = null!, "SetFitOptions.Pairs");
        Refused(o => o.Head = null!, "SetFitOptions.Head", "LogisticRegressionHead");
        Refused(o => o.Pairs = new PairSampling { Iterations = 0 }, "PairSampling.Iterations is 0", "at least 1");
        Refused(o => o.Pairs = new PairSampling { TextsPerClass = 1 }, "PairSampling.TextsPerClass is 1", "at least 2");
        Refused(o => o.Pairs = new PairSampling { MaxPairs = 0 }, "PairSampling.MaxPairs is 0");
        Refused(o => o.Head = new LogisticRegressionHead { L2Regularization = -1 }, "LogisticRegressionHead.L2Regularization is -1");
        Refused(o => o.Head = new DifferentiableHead { Epochs = 0 }, "DifferentiableHead.Epochs is 0");
        Refused(o => o.Head = new DifferentiableHead { LearningRate = 0 }, "DifferentiableHead.LearningRate is 0");
        Refused(o => o.Pairs = new PairSampling { Strategy = PairSamplingStrategy.Unique }, "PairSampling.Iterations is 20", "null", "Unique");
        Refused(o => o.Training.LabelSmoothing = 0.1, "SetFitOptions.Training.LabelSmoothing is 0.1", "LogisticRegressionHead");
        Refused(o => o.Training.BatchSize = 0, "TrainingOptions.BatchSize is 0");

        void Refused(Action<SetFitOptions> change, params string[] parts)
        {
            SetFitOptions options = Options("full");
            change(options);
            string message = Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.SetFit(options)).Message;
            foreach (string part in parts)
                StringAssert.Contains(message, part);
        }
    }

    private static SetFitOptions Options(string method, double dropout = 0) => new()
    {
        Sentence1ColumnName = nameof(Row.Text),
        Encoder = Tiny.Encoder(dropout: dropout),
        Peft = Tiny.Method(method),
        Precision = Precision.Float32,
        Pairs = new PairSampling { Iterations = 10 },
        Training = { Epochs = 3, BatchSize = 16, LearningRate = method == "lora" ? 1e-2 : 3e-3 },
    };

    private double Accuracy(ITransformer model, IDataView data) => _ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy;
}
