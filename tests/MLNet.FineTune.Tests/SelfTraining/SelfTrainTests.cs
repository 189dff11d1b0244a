using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class SelfTrainTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    public void Rows_without_a_label_and_the_unlabelled_view_are_both_learnt_from()
    {
        var reports = new List<SelfTrainingProgress>();
        SelfTrainingOptions options = Options(reports);
        List<Row> rows = Tiny.Make(40);
        rows.ForEach(row => row.Intent = row.Number % 4 == 0 ? "none" : row.Intent);
        int without = rows.Count(row => row.Intent == "none");
        using MulticlassTextClassificationTransformer model = _ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(Tiny.Load(_ml, rows));
        Assert.IsGreaterThan(0, without);
        Assert.AreEqual(30 + without, reports.Single().Texts);
        Assert.IsNotNull(reports[0].PseudoLabelAccuracy);
        Assert.HasCount(3, reports[0].KeptPerClass);
        Assert.HasCount(10, Tiny.Scores(model, _ml.Data.LoadFromEnumerable(Tiny.Make(10))));
    }

    [TestMethod]
    public void Gold_labels_may_be_a_key_or_texts()
    {
        double?[] accuracies = [.. new[] { nameof(Row.Intent), "Label" }.Select(column =>
        {
            var reports = new List<SelfTrainingProgress>();
            SelfTrainingOptions options = Options(reports);
            options.UnlabeledLabelColumnName = column;
            new MLContext(7).MulticlassClassification.Trainers.SelfTrain(options).Fit(Tiny.Load(_ml, Tiny.Make(40))).Dispose();
            return reports.Single().PseudoLabelAccuracy;
        })];
        Assert.IsNotNull(accuracies[0]);
        Assert.AreEqual(accuracies[0], accuracies[1]);
    }

    [TestMethod]
    public void Binary_labels_are_learnt_too()
    {
        var reports = new List<SelfTrainingProgress>();
        SelfTrainingOptions options = Options(reports);
        (options.LabelColumnName, options.UnlabeledLabelColumnName) = (nameof(Row.Positive), nameof(Row.Positive));
        using BinaryTextClassificationTransformer model = _ml.BinaryClassification.Trainers.SelfTrain(options).Fit(_ml.Data.LoadFromEnumerable(Tiny.Make(40)));
        Assert.IsNotNull(reports.Single().PseudoLabelAccuracy);
        Assert.HasCount(2, reports[0].KeptPerClass);
    }

    /// <summary>Expectation maximisation starts from the fitted head, where there is one: the encoder is trained once, on all texts.</summary>
    [TestMethod]
    [DataRow(false, true, 1)]
    [DataRow(true, true, 2)]
    [DataRow(false, false, 2)]
    public void The_first_prediction_is_of_the_fitted_head(bool trainTeacher, bool probe, int trainings)
    {
        int begun = 0;
        var reports = new List<SelfTrainingProgress>();
        SelfTrainingOptions options = Options(reports);
        options.Method = new ExpectationMaximization { TrainTeacher = trainTeacher };
        options.HeadInitialization = probe ? HeadInitialization.LinearProbe : HeadInitialization.Random;
        options.Training.Progress = new Sink<TrainingProgress>(progress => begun += progress.Step == 1 ? 1 : 0);
        _ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(Tiny.Load(_ml, Tiny.Make(40))).Dispose();
        Assert.AreEqual(trainings, begun);
        Assert.HasCount(1, reports);
    }

    [TestMethod]
    public void Lite_prompted_self_training_serves_both_kinds_of_labels()
    {
        var reports = new List<SelfTrainingProgress>();
        SelfTrainingOptions options = Options(reports);
        options.Method = new LitePromptedSelfTraining { Rounds = 1, Steps = 4, ConfidenceThreshold = 0 };
        using MulticlassTextClassificationTransformer multiclass = _ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(Tiny.Load(_ml, Tiny.Make(40)));
        (options.LabelColumnName, options.UnlabeledLabelColumnName) = (nameof(Row.Positive), nameof(Row.Positive));
        using BinaryTextClassificationTransformer binary = _ml.BinaryClassification.Trainers.SelfTrain(options).Fit(_ml.Data.LoadFromEnumerable(Tiny.Make(40)));
        CollectionAssert.AreEqual((int[])[3, 2], reports.Select(report => report.KeptPerClass.Count).ToArray());

        IDataView test = _ml.Data.LoadFromEnumerable(Tiny.Make(10, seed: 3));
        using var stream = new MemoryStream();
        _ml.Model.Save(multiclass, null, stream);
        ITransformer loaded = new MLContext().Model.Load(stream, out _);
        using var disposing = (IDisposable)loaded;
        Tiny.AssertSame(Tiny.Scores(multiclass, test), Tiny.Scores(loaded, test));
    }

    [TestMethod]
    public void A_prompt_names_its_classes_in_options()
    {
        IDataView train = _ml.Data.LoadFromEnumerable(Tiny.Make(40));
        TextClassificationOptions options = Tiny.Options(epochs: 1);
        options.LabelColumnName = nameof(Row.Positive);
        options.Prompt = new ClozePrompt { LabelWords = new Dictionary<string, string[]> { ["Yes"] = ["good"] } };
        void Refused(string says) => StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.BinaryClassification.Trainers.FineTune(options).Fit(train).Dispose()).Message, says);
        Refused("ClozePrompt.LabelWords is for a class 'Yes'; expected names of classes: False, True");
        options.Prompt = new ClozePrompt();
        options.HeadInitialization = HeadInitialization.LinearProbe;
        Refused("TextClassificationOptions.HeadInitialization is LinearProbe; expected Auto with Prompt");
        (options.HeadInitialization, options.Pooling) = (HeadInitialization.Auto, PoolingMode.Mean);
        Refused("TextClassificationOptions.Pooling is Mean; expected null with Prompt");
        options.Pooling = null;
        using BinaryTextClassificationTransformer model = _ml.BinaryClassification.Trainers.FineTune(options).Fit(train);
        Assert.IsTrue(model.Transform(train).GetColumn<float>("Probability").All(p => p is > 0 and < 1));
    }

    [TestMethod]
    public void A_student_learns_from_a_given_teacher_and_may_be_another_encoder()
    {
        IDataView train = Tiny.Load(_ml, Tiny.Make(60)), test = Tiny.Load(_ml, Tiny.Make(60, seed: 5));
        TextClassificationOptions teaching = Tiny.Options(epochs: 8);
        using MulticlassTextClassificationTransformer teacher = Tiny.Fit(_ml, teaching, rows: 120);
        var reports = new List<SelfTrainingProgress>();
        SelfTrainingOptions options = Options(reports, unlabeled: 100);
        options.Training = teaching.Training;
        options.Method = new SelfDistillation { Teacher = teacher, Encoder = Tiny.Encoder(layers: 2), Temperature = 2, LabeledWeight = 0.5 };
        using MulticlassTextClassificationTransformer student = _ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(train);
        using MulticlassTextClassificationTransformer alone = Tiny.Fit(_ml, Tiny.Options(epochs: 1), rows: 60);

        double Accuracy(ITransformer model) => _ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy;
        Assert.IsGreaterThan(Accuracy(alone), Accuracy(student), $"teacher {Accuracy(teacher)}");
        Assert.IsGreaterThan(teacher.DescribeParameters().Parameters.Count, student.DescribeParameters().Parameters.Count);
    }

    [TestMethod]
    public void A_student_learns_from_the_trainers_own_teacher()
    {
        var reports = new List<SelfTrainingProgress>();
        SelfTrainingOptions options = Options(reports);
        options.Method = new SelfDistillation { FineTuneStudent = true, Distillation = new TrainingOptions { Epochs = 2, BatchSize = 8, LearningRate = 5e-3 } };
        IDataView train = Tiny.Load(_ml, Tiny.Make(40));
        LiveTensors.NoneLeft(() => _ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(train).Dispose());
        Assert.HasCount(1, reports);
    }

    [TestMethod]
    public void Labelled_texts_count_by_their_weights_in_a_distillation()
    {
        using MulticlassTextClassificationTransformer teacher = Tiny.Fit(_ml, Tiny.Options(epochs: 1));
        List<Row> rows = Tiny.Make(40);
        float[][] Scores(float weight, string? column)
        {
            rows.ForEach(row => row.Weight = weight);
            SelfTrainingOptions options = Options([]);
            (options.HeadInitialization, options.ExampleWeightColumnName) = (HeadInitialization.Random, column);
            options.Method = new SelfDistillation { Teacher = teacher, LabeledWeight = column is null ? weight : 1 };
            using MulticlassTextClassificationTransformer student = new MLContext(7).MulticlassClassification.Trainers.SelfTrain(options).Fit(Tiny.Load(_ml, rows));
            return Tiny.Scores(student, _ml.Data.LoadFromEnumerable(Tiny.Make(10, seed: 3)));
        }

        Tiny.AssertSame(Scores(0.25f, null), Scores(0.25f, nameof(Row.Weight)));
    }

    [TestMethod]
    public void A_collapsed_distillation_gives_what_the_labelled_texts_give()
    {
        using MulticlassTextClassificationTransformer teacher = Tiny.Fit(_ml, Tiny.Options(epochs: 6), rows: 90);
        IDataView train = Tiny.Load(_ml, Tiny.Make(90)), test = Tiny.Load(_ml, Tiny.Make(60, seed: 3));
        MulticlassTextClassificationTransformer Fit(SelfDistillation method)
        {
            var reports = new List<SelfTrainingProgress>();
            SelfTrainingOptions options = Options(reports);
            (options.HeadInitialization, options.Training, options.Method) = (HeadInitialization.Random, Tiny.Options(epochs: 6).Training, method);
            // All texts of one class, which had a third of the labels.
            options.Unlabeled = Tiny.Load(_ml, [.. Enumerable.Repeat(Tiny.Make(90).First(row => row.Intent == "login"), 40)]);
            MulticlassTextClassificationTransformer model = new MLContext(7).MulticlassClassification.Trainers.SelfTrain(options).Fit(train);
            Assert.IsTrue(reports.Single().Collapsed);
            return model;
        }

        using MulticlassTextClassificationTransformer own = Fit(new SelfDistillation()), given = Fit(new SelfDistillation { Teacher = teacher });
        Tiny.AssertSame(Tiny.Scores(own, test), Tiny.Scores(given, test));
        Assert.IsGreaterThan(0.8, _ml.MulticlassClassification.Evaluate(own.Transform(test)).MicroAccuracy);
    }

    [TestMethod]
    public void Distillation_has_a_text_too()
    {
        SelfTrainingMethod method = SelfTrainingMethod.Parse("distillation(encoder={\"kind\":\"default\"}, peft=lora(rank=4), temperature=2)");
        Assert.AreEqual(new SelfDistillation { Encoder = EncoderSource.Default, Peft = new Lora { Rank = 4 }, Temperature = 2 }, method);
        Assert.AreEqual("distillation(encoder={\"kind\":\"default\"}, peft=lora(rank=4), temperature=2)", method.Format());
        StringAssert.Contains(Assert.ThrowsExactly<FormatException>(() => SelfTrainingMethod.Parse("distillation(encoder={\"kind\":\"x\"})")).Message, "kind 'x'");
        StringAssert.Contains(Assert.ThrowsExactly<FormatException>(() => SelfTrainingMethod.Parse("distillation(teacher=null)")).Message, "no option 'teacher'");
        using MulticlassTextClassificationTransformer teacher = Tiny.Fit(_ml, Tiny.Options(epochs: 1));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => new SelfDistillation { Teacher = teacher }.Format()).Message, "SelfDistillation.Teacher");
    }

    [TestMethod]
    public void A_teacher_of_other_classes_is_refused()
    {
        using MulticlassTextClassificationTransformer teacher = Tiny.Fit(_ml, Tiny.Options(epochs: 1));
        SelfTrainingOptions options = Options([]);
        options.LabelColumnName = nameof(Row.Positive);
        options.Method = new SelfDistillation { Teacher = teacher };
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => _ml.BinaryClassification.Trainers.SelfTrain(options).Fit(_ml.Data.LoadFromEnumerable(Tiny.Make(20))));
        StringAssert.Contains(e.Message, "SelfDistillation.Teacher is a model of the classes refund, delivery, login; expected a model of the classes False, True");
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_model_and_it_survives_saving()
    {
        IDataView train = Tiny.Load(_ml, Tiny.Make(40)), test = _ml.Data.LoadFromEnumerable(Tiny.Make(10, seed: 3));
        SelfTrainingOptions options = Options([]);
        options.Method = new Cosine { InitialSteps = 20, Steps = 12, UpdateEverySteps = 4, ConfidenceThreshold = 0.05 };
        using MulticlassTextClassificationTransformer first = new MLContext(7).MulticlassClassification.Trainers.SelfTrain(options).Fit(train);
        using MulticlassTextClassificationTransformer second = new MLContext(7).MulticlassClassification.Trainers.SelfTrain(options).Fit(train);
        Tiny.AssertSame(Tiny.Scores(first, test), Tiny.Scores(second, test));

        using var stream = new MemoryStream();
        _ml.Model.Save(first, null, stream);
        ITransformer loaded = new MLContext().Model.Load(stream, out _);
        using var disposing = (IDisposable)loaded;
        Tiny.AssertSame(Tiny.Scores(first, test), Tiny.Scores(loaded, test));
    }

    [TestMethod]
    public void Cancelling_the_context_ends_any_phase()
    {
        int steps = 0;
        SelfTrainingOptions options = Options([]);
        options.Training.Progress = new Sink<TrainingProgress>(_ =>
        {
            if (++steps == 35)
                _ml.Cancel();
        });
        IDataView train = Tiny.Load(_ml, Tiny.Make(40));
        LiveTensors.NoneLeft(() => Assert.ThrowsExactly<OperationCanceledException>(() => _ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(train)));
        Assert.AreEqual(35, steps);
    }

    [TestMethod]
    public void Mistakes_are_named()
    {
        IDataView train = Tiny.Load(_ml, Tiny.Make(20));
        void Refused<T>(Action<SelfTrainingOptions> change, params string[] says) where T : Exception
        {
            SelfTrainingOptions options = Options([]);
            change(options);
            T e = Assert.ThrowsExactly<T>(() => _ml.MulticlassClassification.Trainers.SelfTrain(options).Fit(train).Dispose());
            foreach (string part in says)
                StringAssert.Contains(e.Message, part);
        }

        Refused<ArgumentOutOfRangeException>(o => o.Unlabeled = _ml.Data.LoadFromEnumerable(new[] { new { Number = 1 } }), "'Text'", "Number");
        Refused<ArgumentOutOfRangeException>(o => o.Unlabeled = _ml.Data.LoadFromEnumerable(new[] { new { Text = 1f } }), "'Text'", "must be text");
        Refused<ArgumentOutOfRangeException>(o => o.UnlabeledLabelColumnName = "Gold", "'Gold'");
        Refused<InvalidOperationException>(o => o.UnlabeledLabelColumnName = nameof(Row.Text), "expected one of the classes");
        Refused<InvalidOperationException>(o => o.Unlabeled = _ml.Data.LoadFromEnumerable(new List<Row>()), "Unlabeled has no rows");
        Refused<InvalidOperationException>(o => o.Unlabeled = _ml.Data.LoadFromEnumerable(new List<Row> { new() { Text = "" } }), "None of the 1 rows");
        Refused<InvalidOperationException>(o => (o.Unlabeled, o.UnlabeledLabelColumnName) = (null, null), "there are none");
        Refused<ArgumentException>(o => (o.Unlabeled, o.UnlabeledLabelColumnName) = (null, "Gold"), "Unlabeled is null", "'Gold'");
        Refused<ArgumentException>(o => o.Method = new PseudoLabelPretraining { Threshold = 1 }, "PseudoLabelPretraining.Threshold is 1; expected at least 0 and below 1");
        Refused<ArgumentException>(o => o.Method = new PseudoLabelPretraining { Pretraining = new TrainingOptions { Epochs = 0 } }, "TrainingOptions.Epochs is 0");
        Refused<ArgumentException>(o => o.Method = new Cosine { Steps = 0 }, "Cosine.Steps is 0; expected at least 1");
        Refused<ArgumentException>(o => o.Method = new LitePromptedSelfTraining { Rounds = 0 }, "LitePromptedSelfTraining.Rounds is 0; expected at least 1");
        Refused<ArgumentException>(o => o.Method = new LitePromptedSelfTraining { Prompt = new ClozePrompt { Template = "{Sentence1}" } }, "'{Mask}' is missing");
        Refused<ArgumentException>(o => o.Method = new LitePromptedSelfTraining { Prompt = new ClozePrompt { LabelWords = new Dictionary<string, string[]> { ["x"] = ["y"] } } }, "for a class 'x'; expected names of classes: refund, delivery, login");
        Refused<ArgumentException>(o => o.Method = new SelfDistillation { Temperature = 0 }, "SelfDistillation.Temperature is 0");
    }

    /// <summary>Thirty texts without labels and a training of a few moments; the labels of the texts are true ones to report by.</summary>
    private SelfTrainingOptions Options(List<SelfTrainingProgress> reports, int unlabeled = 30)
    {
        TextClassificationOptions tiny = Tiny.Options();
        return new SelfTrainingOptions
        {
            Sentence1ColumnName = tiny.Sentence1ColumnName,
            Encoder = tiny.Encoder,
            Peft = tiny.Peft,
            Precision = tiny.Precision,
            Training = tiny.Training,
            Unlabeled = Tiny.Load(_ml, Tiny.Make(unlabeled, seed: 9)),
            UnlabeledLabelColumnName = nameof(Row.Intent),
            Progress = new Sink<SelfTrainingProgress>(reports.Add),
        };
    }
}
