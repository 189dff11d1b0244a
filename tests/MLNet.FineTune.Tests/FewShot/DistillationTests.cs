using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tests.Trainers;

namespace MLNet.FineTune.Tests.FewShot;

/// <summary>Students of a teacher that has seen many labels.</summary>
[TestClass]
public sealed class DistillationTests
{
    private static readonly MLContext Ml = new(7);
    private static readonly Lazy<MulticlassTextClassificationTransformer> Teacher = new(() => Ml.MulticlassClassification.Trainers.SetFit(SetFit(new SetFitOptions())).Fit(Tiny.Load(Ml, Tiny.Make(90, seed: 9))));

    private static IDataView Unlabelled => Ml.Data.LoadFromEnumerable(Tiny.Make(120, seed: 4).Select(row => new TextOnly { Text = row.Text! }));

    private static IDataView Test { get; } = Tiny.Load(Ml, Tiny.Make(120, seed: 2));

    [ClassCleanup]
    public static void Cleanup() => Teacher.Value.Dispose();

    [TestMethod]
    public void Similarities_move_towards_the_teachers()
    {
        float[] teacher = Cosines(Teacher.Value);
        using MulticlassTextClassificationTransformer untrained = Distill(options => options.Peft = new HeadOnly());
        using MulticlassTextClassificationTransformer student = Distill();
        double before = TensorPrimitives.Distance<float>(teacher, Cosines(untrained)), after = TensorPrimitives.Distance<float>(teacher, Cosines(student));
        Assert.IsLessThan(0.5 * before, after, $"{after} after, {before} before");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_student_beats_one_that_has_only_the_labels(bool soft)
    {
        IDataView few = Tiny.Load(Ml, Tiny.Make(6, seed: 6));
        using MulticlassTextClassificationTransformer alone = new MLContext(5).MulticlassClassification.Trainers.SetFit(SetFit(new SetFitOptions())).Fit(few);
        using MulticlassTextClassificationTransformer student = Distill(options => (options.LabelledSet, options.SoftLabels) = (few, soft));
        double without = Accuracy(alone), with = Accuracy(student);
        Assert.IsGreaterThan(without + 0.05, with, $"{with} with unlabelled texts, {without} without");
        Assert.IsGreaterThan(0.85, with);
        CollectionAssert.AreEqual(Teacher.Value.ClassNames.ToArray(), student.ClassNames.ToArray());
    }

    /// <summary>The head that learns probabilities predicts probabilities more like the teacher's.</summary>
    [TestMethod]
    public void Soft_labels_bring_the_scores_nearer_to_the_teachers()
    {
        // With next to no penalty, which would keep the scores of both from being certain.
        var head = new LogisticRegressionHead { L2Regularization = 0.01f };
        using MulticlassTextClassificationTransformer hard = Distill(options => options.Head = head), soft = Distill(options => (options.Head, options.SoftLabels) = (head, true));
        Assert.IsLessThan(Difference(hard), Difference(soft));
        double Difference(ITransformer model) => Tiny.Scores(model, Test).Zip(Tiny.Scores(Teacher.Value, Test), (x, y) => TensorPrimitives.Distance<float>(x, y)).Average();
    }

    /// <summary>Known labels go before the teacher's: where all texts are labelled otherwise, the student learns that.</summary>
    [TestMethod]
    public void Labels_that_are_known_are_learnt()
    {
        List<Row> turned = [.. Tiny.Make(150, seed: 3).Select(row => new Row { Text = row.Text, Intent = Rows.Intents[(Array.IndexOf(Rows.Intents, row.Intent) + 1) % 3] })];
        using MulticlassTextClassificationTransformer student = Distill(
            options => options.LabelledSet = Tiny.Load(Ml, turned), Ml.Data.LoadFromEnumerable(Tiny.Make(3, seed: 4).Select(row => new TextOnly { Text = row.Text! })));
        Assert.IsLessThan(0.3, Accuracy(student));
    }

    [TestMethod]
    public void Validation_label_names_and_checkpoints_go_with_it()
    {
        int evaluations = 0;
        using var folder = new TemporaryFolder();
        using MulticlassTextClassificationTransformer student = Distill(options =>
        {
            (options.LabelNameTemplate, options.SoftLabels) = ("{} {}", true);
            (options.Training.ValidationFraction, options.Training.CheckpointDirectory) = (0.2, folder.Path);
            options.Training.Progress = new Sink<TrainingProgress>(progress => evaluations += progress.ValidationMetric is null ? 0 : 1);
        });
        Assert.IsGreaterThan(0, evaluations);
        Assert.IsGreaterThan(0.8, Accuracy(student));
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    /// <summary>A class of one row cannot be on both sides: it is learnt, and there is nothing to measure on.</summary>
    [TestMethod]
    public void Too_few_rows_to_set_some_aside_are_all_learnt()
    {
        IDataView two = Ml.Data.LoadFromEnumerable(new[] { "refund money charged invoice paid today", "parcel courier late tracking box today" }.Select(text => new TextOnly { Text = text }));
        using MulticlassTextClassificationTransformer student = Distill(options => options.Training.ValidationFraction = 0.2, two);
        Assert.HasCount(2, student.Transform(two).GetColumn<uint>("PredictedLabel").Distinct().ToArray());
    }

    [TestMethod]
    public void A_cancelled_token_stops_the_teacher()
    {
        IDataView texts = Ml.Data.LoadFromEnumerable(Tiny.Make(40).Select(row => new TextOnly { Text = row.Text! }));
        Assert.ThrowsExactly<OperationCanceledException>(() => Distill(options => (options.Peft, options.Training.CancellationToken) = (new HeadOnly(), new CancellationToken(canceled: true)), texts));
    }

    [TestMethod]
    public void The_promised_schema_is_the_real_one_and_needs_no_label()
    {
        var trainer = Ml.MulticlassClassification.Trainers.DistillSetFit(Teacher.Value, Options(options => options.Training.MaxSteps = 1));
        using MulticlassTextClassificationTransformer student = trainer.Fit(Unlabelled);
        OutputSchemaTests.AssertSame(trainer.GetOutputSchema(Unlabelled.Schema.Shape()), student.GetOutputSchema(Unlabelled.Schema).Shape());
        using var simple = Ml.MulticlassClassification.Trainers.DistillSetFit(Teacher.Value, Tiny.Encoder(), nameof(TextOnly.Text), "S", "P", new HeadOnly()).Fit(Unlabelled);
        Assert.IsNotNull(simple.GetOutputSchema(Unlabelled.Schema).GetColumnOrNull("S"));
    }

    [TestMethod]
    public void A_binary_teacher_has_a_binary_student()
    {
        SetFitOptions options = SetFit(new SetFitOptions());
        options.LabelColumnName = nameof(Row.Positive);
        using BinaryTextClassificationTransformer teacher = Ml.BinaryClassification.Trainers.SetFit(options).Fit(Ml.Data.LoadFromEnumerable(Tiny.Make(90, seed: 9)));
        var trainer = Ml.BinaryClassification.Trainers.DistillSetFit(teacher, Options());
        using BinaryTextClassificationTransformer student = trainer.Fit(Unlabelled);
        IDataView test = Ml.Data.LoadFromEnumerable(Tiny.Make(120, seed: 2));
        Assert.IsGreaterThan(0.8, Ml.BinaryClassification.Evaluate(student.Transform(test), nameof(Row.Positive)).AreaUnderRocCurve);
        OutputSchemaTests.AssertSame(trainer.GetOutputSchema(Unlabelled.Schema.Shape()), student.GetOutputSchema(Unlabelled.Schema).Shape());
    }

    [TestMethod]
    public void What_does_not_fit_is_refused()
    {
        var trainers = Ml.MulticlassClassification.Trainers;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => trainers.DistillSetFit(Teacher.Value, Options(options => options.Pairs = null!))).Message, "SetFitDistillationOptions.Pairs");
        Assert.ThrowsExactly<ArgumentNullException>(() => trainers.DistillSetFit(null!, Options()));
        IDataView others = Ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Text)).Fit(Ml.Data.LoadFromEnumerable(Tiny.Make(9))).Transform(Ml.Data.LoadFromEnumerable(Tiny.Make(9)));
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => trainers.DistillSetFit(Teacher.Value, Options(options => options.LabelledSet = others)).Fit(Unlabelled)).Message;
        StringAssert.Contains(message, "labelled set has other classes than the teacher");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainers.DistillSetFit(Teacher.Value, Options(options => options.Sentence1ColumnName = "Nothing")).Fit(Unlabelled));
        IDataView empty = Ml.Data.LoadFromEnumerable([new TextOnly { Text = "" }]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => trainers.DistillSetFit(Teacher.Value, Options()).Fit(empty)).Message, "'Text'");
    }

    private static MulticlassTextClassificationTransformer Distill(Action<SetFitDistillationOptions>? configure = null, IDataView? texts = null) =>
        new MLContext(5).MulticlassClassification.Trainers.DistillSetFit(Teacher.Value, Options(configure)).Fit(texts ?? Unlabelled);

    private static SetFitDistillationOptions Options(Action<SetFitDistillationOptions>? configure = null)
    {
        SetFitDistillationOptions options = SetFit(new SetFitDistillationOptions());
        options.Training.Epochs = 1;
        configure?.Invoke(options);
        return options;
    }

    private static T SetFit<T>(T options) where T : SetFitOptions
    {
        options.Sentence1ColumnName = nameof(Row.Text);
        options.Encoder = Tiny.Encoder();
        options.Precision = Precision.Float32;
        options.Pairs = new PairSampling { Iterations = 10 };
        (options.Training.Epochs, options.Training.BatchSize, options.Training.LearningRate) = (2, 16, 3e-3);
        return options;
    }

    private static double Accuracy(ITransformer model) => Ml.MulticlassClassification.Evaluate(model.Transform(Test)).MicroAccuracy;

    /// <summary>Of all pairs of texts that no training has seen.</summary>
    private static float[] Cosines(IEmbedderOwner model)
    {
        TextInput[] texts = [.. Tiny.Make(30, seed: 12).Select(row => new TextInput(row.Text!))];
        (float[] values, int width) = ([], 0);
        model.UseEmbedder(embedder =>
        {
            width = embedder.Dimension;
            values = new float[texts.Length * width];
            embedder.Embed(texts, values);
        });
        return [.. from i in Enumerable.Range(0, texts.Length)
                   from j in Enumerable.Range(0, i)
                   select TensorPrimitives.CosineSimilarity(values.AsSpan(i * width, width), values.AsSpan(j * width, width))];
    }

    private sealed class TextOnly
    {
        public string Text { get; set; } = "";
    }
}
