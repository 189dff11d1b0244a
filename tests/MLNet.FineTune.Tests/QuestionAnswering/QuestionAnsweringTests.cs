using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tests.Trainers;

namespace MLNet.FineTune.Tests.QuestionAnswering;

/// <summary>The trainer that answers questions, with a real network.</summary>
[TestClass]
public sealed class QuestionAnsweringTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow("full", null)]
    [DataRow("lora", null)]
    [DataRow("full", 14)] // contexts are parted
    public void Learns_what_holds_for_other_rows(string method, int? maxLength)
    {
        QuestionFineTuneTrainer trainer = _ml.MulticlassClassification.Trainers.FineTuneQuestions(Rules(Questions.Options(method, epochs: 30, maxLength)));
        IDataView train = Load(Questions.Make(150));
        using QuestionAnsweringTransformer model = trainer.Fit(train);
        List<Asked> held = Questions.Make(60, seed: 2);
        IDataView output = model.Transform(Load(held));
        QuestionAnsweringMetrics metrics = _ml.FineTuning().EvaluateAnswers(output);
        Assert.IsGreaterThan(0.9, metrics.ExactMatch);
        Assert.IsGreaterThanOrEqualTo(metrics.ExactMatch, metrics.F1);
        Assert.AreEqual((60, 0), (metrics.QuestionCount, metrics.UnanswerableCount));
        foreach ((Found found, Asked asked) in Found(output).Zip(held))
            Assert.AreEqual(asked.Context.Substring(found.PredictedStart, found.PredictedLength), found.PredictedAnswer);
        OutputSchemaTests.AssertSame(trainer.GetOutputSchema(train.Schema.Shape()), model.GetOutputSchema(train.Schema).Shape());

        static QuestionAnsweringOptions Rules(QuestionAnsweringOptions options)
        {
            (options.DocumentStride, options.MaxAnswerLength) = (3, 3);
            return options;
        }
    }

    /// <summary>Rows without an answer are learnt where a threshold allows for them.</summary>
    [TestMethod]
    public void Learns_that_there_is_no_answer()
    {
        QuestionAnsweringOptions options = Questions.Options(epochs: 30);
        options.NullScoreThreshold = 0;
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(Load(Questions.Make(200, unanswerable: 0.5)));
        List<Asked> held = Questions.Make(60, seed: 2, unanswerable: 0.5);
        IDataView output = model.Transform(Load(held));
        QuestionAnsweringMetrics metrics = _ml.FineTuning().EvaluateAnswers(output);
        Assert.AreEqual(held.Count(row => row.Answer.Length == 0), metrics.UnanswerableCount);
        Assert.IsGreaterThan(5, metrics.UnanswerableCount);
        Assert.IsGreaterThan(0.9, metrics.ExactMatch);
        Assert.IsTrue(Found(output).All(found => (found.PredictedStart == -1) == (found.PredictedAnswer.Length == 0)));
    }

    /// <summary>A saved directory is one of transformers' class: its head is kept where it is learnt further, here by a training that changes nothing.</summary>
    [TestMethod]
    public void A_saved_directory_has_the_head()
    {
        using var folder = new TemporaryFolder();
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(Questions.Options("lora")).Fit(Load(Questions.Make(60)));
        Assert.ThrowsExactly<NotSupportedException>(() => model.SavePretrained(folder.File("model")));
        using (QuestionAnsweringTransformer merged = model.MergeAdapter())
            merged.SavePretrained(folder.File("model"));
        JsonObject config = JsonNode.Parse(File.ReadAllText(folder.File("model/config.json")))!.AsObject();
        StringAssert.EndsWith((string?)config["architectures"]![0], "ForQuestionAnswering");
        Assert.IsFalse(config.ContainsKey("id2label"));

        QuestionAnsweringOptions options = Questions.Options();
        options.Encoder = EncoderSource.FromDirectory(folder.File("model"));
        (options.Training.MaxSteps, options.Training.LearningRate, options.Training.WeightDecay) = (1, 1e-30, 0);
        List<Asked> held = Questions.Make(20, seed: 2);
        using QuestionAnsweringTransformer again = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(Load(held));
        float[] expected = [.. Found(model.Transform(Load(held))).Select(found => found.Score)], scores = [.. Found(again.Transform(Load(held))).Select(found => found.Score)];
        Assert.IsTrue(expected.Zip(scores).All(pair => Math.Abs(pair.First - pair.Second) < 1e-4));
    }

    [TestMethod]
    public void Soups_are_mixed_but_not_chosen()
    {
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(Questions.Options(epochs: 2)).Fit(Load(Questions.Make(40)));
        using QuestionAnsweringTransformer soup = _ml.FineTuning().Soup(model, model);
        List<Asked> held = Questions.Make(10, seed: 2);
        CollectionAssert.AreEqual(Found(model.Transform(Load(held))).Select(found => found.PredictedAnswer).ToArray(), Found(soup.Transform(Load(held))).Select(found => found.PredictedAnswer).ToArray());
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => _ml.FineTuning().GreedySoup([model, model], Load(held))).Message, "Soup");
    }

    /// <summary>Methods of each kind: those that put vectors before the words, that read all hidden states, that try methods out, that decide from gradients, that leave layers frozen.</summary>
    [TestMethod]
    [DataRow("p-tuning-v2(length=4) | head")]
    [DataRow("prompt-tuning(length=4)")]
    [DataRow("p-tuning(length=4)")]
    [DataRow("ept")]
    [DataRow("unipt")]
    [DataRow("bottleneck")]
    [DataRow("autolora")]
    [DataRow("sub-tuning")]
    [DataRow("layer-norm(share=0.5)")]
    [DataRow("half")]
    [DataRow("last-layers(layers=1)")]
    [DataRow("lora(bias=all)")]
    public void Methods_train_and_are_saved(string method)
    {
        QuestionAnsweringOptions options = Questions.Options(epochs: 2);
        (options.Peft, options.Training.LearningRate, options.MaxLength, options.DocumentStride) = (PeftMethod.Parse(method), null, 12, 4);
        IDataView rows = Load(Questions.Make(24, words: 14));
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(rows);
        AssertSavedAndLoaded(model, rows);
    }

    /// <summary>The answers of a row do not depend on the rows it is batched with; long contexts, empty ones and no texts at all are among them.</summary>
    [TestMethod]
    [DataRow(1, null)]
    [DataRow(3, null)]
    [DataRow(3, 0.0)]
    public void Batches_and_single_rows_give_the_same(int topK, double? threshold)
    {
        List<Asked> rows = [.. Questions.Make(20), .. Questions.Make(5, words: 100), new Asked(), new Asked { Question = "who went?" }, new Asked { Context = "anna" }, new Asked { Question = string.Join(' ', Enumerable.Repeat("where was it?", 20)), Context = "anna at rome" }];
        QuestionAnsweringOptions options = Questions.Options(epochs: 3);
        (options.TopK, options.NullScoreThreshold) = (topK, threshold);
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(Load(Questions.Make(40, unanswerable: 0.3)));
        Assert.AreEqual(topK, model.AnswerCount);
        model.WindowRows = 8;
        IDataView output = model.Transform(Load(rows));
        (string[][] texts, float[][] scores, int[][] starts, int[][] lengths) = Columns(output, topK);
        for (int row = 0; row < rows.Count; row++)
        {
            (string[][] single, float[][] singleScores, int[][] singleStarts, _) = Columns(model.Transform(Load([rows[row]])), topK);
            CollectionAssert.AreEqual(texts[row], single[0], $"row {row}");
            CollectionAssert.AreEqual(starts[row], singleStarts[0]);
            for (int place = 0; place < topK; place++)
            {
                Assert.AreEqual(scores[row][place], singleScores[0][place], 1e-4f);
                Assert.AreEqual(texts[row][place], starts[row][place] < 0 ? "" : rows[row].Context.Substring(starts[row][place], lengths[row][place]));
            }
        }
        Assert.IsTrue(texts[20..25].Any(row => row[0].Length > 0));
        Assert.AreEqual(("", -1), (texts[25][0], starts[25][0]));
        Assert.AreEqual(threshold is null, float.IsNaN(scores[25][0]));
        Assert.AreEqual(topK == 1, output.Schema["PredictedAnswer"].Type is TextDataViewType);
        Assert.IsTrue(scores[0].Zip(scores[0].Skip(1)).All(pair => threshold is not null || pair.First >= pair.Second));
        Assert.IsTrue(scores[0].All(score => score is > 0 and <= 1));
    }

    [TestMethod]
    public void A_prediction_engine_answers()
    {
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(Questions.Options(epochs: 2)).Fit(Load(Questions.Make(24)));
        List<Asked> rows = Questions.Make(10, seed: 3);
        using PredictionEngine<Asked, Found> engine = _ml.Model.CreatePredictionEngine<Asked, Found>(model, new PredictionEngineOptions { OwnsTransformer = false });
        foreach ((Asked asked, Found expected) in rows.Zip(Found(model.Transform(Load(rows)))))
        {
            Found found = engine.Predict(asked);
            Assert.AreEqual((expected.PredictedAnswer, expected.PredictedStart, expected.PredictedLength), (found.PredictedAnswer, found.PredictedStart, found.PredictedLength));
            Assert.AreEqual(expected.Score, found.Score, 1e-4f);
        }
    }

    [TestMethod]
    public void A_saved_model_predicts_the_same_and_merges()
    {
        QuestionAnsweringOptions options = Questions.Options("lora", epochs: 2, maxLength: 20);
        (options.TopK, options.NullScoreThreshold, options.PredictedAnswerColumnName, options.PredictedStartColumnName) = (2, -0.5, "Reply", "At");
        IDataView rows = Load(Questions.Make(24, words: 14));
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(rows);
        using var zip = new MemoryStream();
        _ml.Model.Save(model, rows.Schema, zip);
        zip.Position = 0;
        var loaded = (QuestionAnsweringTransformer)new MLContext().Model.Load(zip, out _);
        foreach (string column in (string[])["Reply", "At", "PredictedLength", "Score"])
            Assert.AreEqual(Text(model.Transform(rows), column), Text(loaded.Transform(rows), column), column);
        loaded.Dispose();

        using QuestionAnsweringTransformer merged = model.MergeAdapter();
        Assert.AreEqual(Text(model.Transform(rows), "Reply"), Text(merged.Transform(rows), "Reply"));
        using var folder = new TemporaryFolder();
        model.SaveAdapter(folder.Path);
        Assert.Contains("QUESTION_ANS", File.ReadAllText(folder.File("adapter_config.json")));
        Assert.Contains("qa_outputs", File.ReadAllText(folder.File("adapter_config.json")) + File.ReadAllText(folder.File("adapter_model.safetensors"), System.Text.Encoding.Latin1)[..4000]);
        Assert.IsGreaterThan(0L, model.DescribeParameters().TrainableCount);
    }

    /// <summary>The zip names the encoder and holds the adapter with the head.</summary>
    [TestMethod]
    public void An_adapter_is_saved_without_its_encoder()
    {
        using var folder = new TemporaryFolder();
        QuestionAnsweringOptions options = Questions.Options("lora", epochs: 1);
        (options.Encoder, options.SavedWeights) = (EncoderSource.FromDirectory(Fixtures.EncoderDirectory.Write(folder.File("encoder"))), SavedWeights.AdapterOnly);
        IDataView rows = Load(Questions.Make(16));
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(rows);
        AssertSavedAndLoaded(model, rows);
    }

    [TestMethod]
    public void Simple_arguments_and_options_give_the_same_model()
    {
        IDataView rows = Load(Questions.Make(24));
        var peft = new Lora { Rank = 2 };
        using var simple = new MLContext(3).MulticlassClassification.Trainers.FineTuneQuestions(Tiny.Encoder(), scoreColumnName: "S", topK: 2, peft: peft, epochs: 2, batchSize: 8, validationSet: rows).Fit(rows);
        using var full = new MLContext(3).MulticlassClassification.Trainers.FineTuneQuestions(new QuestionAnsweringOptions
        {
            Encoder = Tiny.Encoder(), ScoreColumnName = "S", TopK = 2, Peft = peft, Training = { Epochs = 2, BatchSize = 8 }, ValidationSet = rows,
        }).Fit(rows);
        Assert.AreEqual(Text(simple.Transform(rows), "S"), Text(full.Transform(rows), "S"));
    }

    /// <summary>Several right answers a row, of which the first is learnt and any counts; windows of one row count once.</summary>
    [TestMethod]
    [DataRow(ValidationMetric.ExactMatch)]
    [DataRow(ValidationMetric.AnswerF1)]
    public void The_validation_metric_is_that_of_the_evaluator(ValidationMetric metric)
    {
        IDataView train = Load(Several(Questions.Make(40, words: 10))), held = Load(Several(Questions.Make(30, seed: 2, words: 10, unanswerable: 0.3)));
        var progress = new List<TrainingProgress>();
        QuestionAnsweringOptions options = Questions.Options(epochs: 4, maxLength: 16);
        (options.AnswerColumnName, options.AnswerStartColumnName, options.NullScoreThreshold, options.DocumentStride) = (nameof(Asked.Answers), nameof(Asked.Starts), 0, 4);
        (options.ValidationSet, options.Training.ValidationMetric, options.Training.Progress) = (held, metric, new Sink<TrainingProgress>(progress.Add));
        using var model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(train);
        QuestionAnsweringMetrics metrics = _ml.FineTuning().EvaluateAnswers(model.Transform(held), nameof(Asked.Answers));
        double best = progress.Max(report => report.ValidationMetric ?? 0);
        Assert.AreEqual(metric == ValidationMetric.ExactMatch ? metrics.ExactMatch : metrics.F1, best, 1e-9);
        Assert.IsGreaterThan(0.1, best);
    }

    [TestMethod]
    public void A_share_of_the_rows_is_held_out_and_weights_count()
    {
        QuestionAnsweringOptions options = Questions.Options("lora", epochs: 2);
        (options.Training.ValidationFraction, options.Training.EarlyStoppingPatience, options.ExampleWeightColumnName) = (0.2, 5, nameof(Asked.Weight));
        var progress = new List<TrainingProgress>();
        options.Training.Progress = new Sink<TrainingProgress>(progress.Add);
        List<Asked> rows = Questions.Make(40);
        using var model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(Load(rows));
        Assert.AreEqual(4 * 2, progress[^1].TotalSteps);
        Assert.IsNotNull(progress[^1].ValidationMetric);

        // Rows of no weight are not learnt.
        (options.Training.ValidationFraction, options.Training.EarlyStoppingPatience, options.Training.Epochs) = (0, null, 30);
        foreach (Asked row in rows.Where(row => row.Question.StartsWith("who", StringComparison.Ordinal)))
            (row.Weight, row.Answer, row.AnswerStart) = (0, row.Context.Split(' ')[0], 0);
        using var weighted = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(Load(rows));
        Assert.IsGreaterThan(0.8, _ml.FineTuning().EvaluateAnswers(weighted.Transform(Load([.. rows.Where(row => row.Weight > 0)]))).ExactMatch);
    }

    /// <summary>Hand-counted: F1 of 1, 2/3, 0, 1 and 0; the first and the fourth are exact.</summary>
    [TestMethod]
    public void Evaluates_answers()
    {
        Pair[] rows =
        [
            new() { Answers = ["Paris", "the city of Paris"], Reply = "The city of Paris." },
            new() { Answers = ["Denver Broncos"], Reply = "Broncos" },
            new() { Answers = [""], Reply = "Rome" },
            new() { Answers = [], Reply = "" },
            new() { Answers = ["Rome"], Reply = "" },
        ];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        QuestionAnsweringMetrics metrics = _ml.FineTuning().EvaluateAnswers(data, "Answers", "Reply");
        Assert.AreEqual((5L, 2L), (metrics.QuestionCount, metrics.UnanswerableCount));
        Assert.AreEqual(2 / 5.0, metrics.ExactMatch, 1e-12);
        Assert.AreEqual((1 + 2 / 3.0 + 0 + 1 + 0) / 5, metrics.F1, 1e-12);
        Assert.AreEqual(1, _ml.FineTuning().EvaluateAnswers(data, "Reply", "Reply").F1);
        Assert.AreEqual((1 / 2.0 + 2 / 3.0 + 0 + 1 + 0) / 5, _ml.FineTuning().EvaluateAnswers(data, "Reply", "Answers").F1, 1e-12, "Of several predictions the first counts.");
        Assert.Contains("no rows", Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().EvaluateAnswers(_ml.Data.LoadFromEnumerable(Array.Empty<Pair>()), "Answers", "Reply")).Message);
        Assert.Contains("'Number' must be text (String) or a vector of text", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.FineTuning().EvaluateAnswers(data, "Number", "Reply")).Message);
    }

    [TestMethod]
    public void Mistakes_are_named()
    {
        List<Asked> rows = Questions.Make(10);
        Row(row => row.AnswerStart++, $"Row 3 (counted from 0) of the training set has the answer '{rows[3].Answer}' (column 'Answer') at {rows[3].AnswerStart + 1} (column 'AnswerStart')", $"expected {rows[3].AnswerStart}, where it stands");
        Row(row => row.AnswerStart = 5000, "at 5000", "no place in its");
        Row(row => row.AnswerStart = -1, "at -1", "no place in its");
        Row(row => row.Answer = "elsewhere", "expected a stretch of the context, letter by letter");
        Row(row => row.Weight = -1, "The weight of row 3 (counted from 0) of the training set, column 'Weight', is -1");
        Message<InvalidOperationException>("None of the 10 rows of the training set has an answer", () => Fit([.. rows.Select(row => row with { Answer = "" })]));
        Message<InvalidOperationException>("The training set has no rows", () => Fit([]));
        Message<InvalidOperationException>("Row 3 (counted from 0) of the training set has 2 answers in the column 'Answers' and 1 places in the column 'Starts'", () => With(
            options => (options.AnswerColumnName, options.AnswerStartColumnName) = ("Answers", "Starts"), [.. Several(rows).Select((row, i) => i == 3 ? row with { Answers = ["a", "b"], Starts = [1] } : row)]));
        Message<InvalidOperationException>("Row 3 (counted from 0) of the validation set has the answer", () => With(options => options.ValidationSet = Load([.. rows.Select((row, i) => i == 3 ? row with { AnswerStart = 99 } : row)])));
        Message<ArgumentOutOfRangeException>("The context column 'Answers' must be text (String)", () => With(options => options.ContextColumnName = "Answers"));
        Message<ArgumentOutOfRangeException>("The question column 'Nothing' is not in the data", () => With(options => options.QuestionColumnName = "Nothing"));
        Message<ArgumentOutOfRangeException>("The answer column 'Weight' must be text (String) or a vector of text", () => With(options => options.AnswerColumnName = "Weight"));
        Message<ArgumentOutOfRangeException>("The answer start column 'Answers' must be a number or a vector of numbers", () => With(options => options.AnswerStartColumnName = "Answers"));
        Message<ArgumentException>("must be four columns", () => With(options => options.AnswerColumnName = "Context"));
        Message<ArgumentException>("The output columns must have different names", () => With(options => options.PredictedLengthColumnName = "Score"));
        Message<ArgumentException>("QuestionAnsweringOptions.DocumentStride is 0; expected at least 1", () => With(options => options.DocumentStride = 0));
        Message<ArgumentException>("QuestionAnsweringOptions.MaxAnswerLength is 0; expected at least 1", () => With(options => options.MaxAnswerLength = 0));
        Message<ArgumentException>("QuestionAnsweringOptions.TopK is 1001; expected 1 to 1000", () => With(options => options.TopK = 1001));
        Message<ArgumentException>("QuestionAnsweringOptions.NullScoreThreshold is NaN; expected null or a finite number", () => With(options => options.NullScoreThreshold = double.NaN));
        Message<ArgumentException>("LabelSmoothing is 0.1; expected 0", () => With(options => options.Training.LabelSmoothing = 0.1));
        Message<ArgumentException>("ClassWeighting is Balanced; expected none", () => With(options => options.Training.ClassWeighting = ClassWeighting.Balanced));
        Message<ArgumentException>("ValidationMetric is Accuracy; expected ExactMatch or AnswerF1", () => With(options => (options.Training.ValidationFraction, options.Training.ValidationMetric) = (0.1, ValidationMetric.Accuracy)));
        Message<ArgumentException>("MaxLength is 500; expected 4 to 32", () => With(options => options.MaxLength = 500));
        var classification = Tiny.Options();
        (classification.Training.ValidationFraction, classification.Training.ValidationMetric) = (0.2, ValidationMetric.AnswerF1);
        Message<ArgumentException>("AnswerF1 is not defined for classes", () => Tiny.Fit(_ml, classification));

        using QuestionAnsweringTransformer model = Fit(rows);
        Message<ArgumentOutOfRangeException>("The context column 'Context' is not in the data", () => model.Transform(_ml.Transforms.DropColumns("Context").Fit(Load(rows)).Transform(Load(rows))));
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Transform(Load(rows)));

        void Row(Action<Asked> change, params string[] expected)
        {
            Asked changed = rows[3] with { };
            change(changed);
            string message = Assert.ThrowsExactly<InvalidOperationException>(() => With(options => options.ExampleWeightColumnName = "Weight", [.. rows.Select((row, i) => i == 3 ? changed : row)])).Message;
            foreach (string part in expected)
                Assert.Contains(part, message);
        }

        void With(Action<QuestionAnsweringOptions> change, List<Asked>? data = null)
        {
            QuestionAnsweringOptions options = Questions.Options(epochs: 1);
            change(options);
            _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(Load(data ?? rows)).Dispose();
        }

        QuestionAnsweringTransformer Fit(List<Asked> data) => _ml.MulticlassClassification.Trainers.FineTuneQuestions(Questions.Options(epochs: 1)).Fit(Load(data));

        static void Message<T>(string expected, Action action) where T : Exception => Assert.Contains(expected, Assert.ThrowsExactly<T>(action).Message);
    }

    [TestMethod]
    public void Cancelling_ends_training()
    {
        using var cancel = new CancellationTokenSource();
        QuestionAnsweringOptions options = Questions.Options(epochs: 1000);
        options.Training.CancellationToken = cancel.Token;
        options.Training.Progress = new Sink<TrainingProgress>(report =>
        {
            if (report.Step == 3)
                cancel.Cancel();
        });
        Assert.ThrowsExactly<OperationCanceledException>(() => _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(Load(Questions.Make(20))));
    }

    [TestMethod]
    public void Fitting_scoring_and_disposing_leaves_no_tensor_to_the_collector() => LiveTensors.NoneLeft(() =>
    {
        QuestionAnsweringOptions options = Questions.Options("lora", epochs: 2, maxLength: 14);
        options.Training.ValidationFraction = 0.2;
        IDataView rows = Load(Questions.Make(24, words: 14));
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(rows);
        Assert.HasCount(24, Found(model.Transform(rows)));
    });

    private void AssertSavedAndLoaded(QuestionAnsweringTransformer model, IDataView rows)
    {
        using var zip = new MemoryStream();
        _ml.Model.Save(model, rows.Schema, zip);
        zip.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(zip, out _);
        foreach (string column in (string[])["PredictedAnswer", "PredictedStart", "PredictedLength", "Score"])
            Assert.AreEqual(Text(model.Transform(rows), column), Text(loaded.Transform(rows), column), column);
        ((IDisposable)loaded).Dispose();
    }

    private static List<Asked> Several(List<Asked> rows) =>
        [.. rows.Select(row => row with { Answers = row.Answer.Length == 0 ? [] : [row.Answer, row.Context.Split(' ')[0]], Starts = row.Answer.Length == 0 ? [] : [row.AnswerStart, 0] })];

    private IDataView Load(IEnumerable<Asked> rows) => Questions.Load(_ml, rows);

    private List<Found> Found(IDataView output) => [.. _ml.Data.CreateEnumerable<Found>(output, reuseRowObject: false)];

    private static (string[][] Texts, float[][] Scores, int[][] Starts, int[][] Lengths) Columns(IDataView output, int topK) =>
        (Values<string>(output, "PredictedAnswer", topK), Values<float>(output, "Score", topK), Values<int>(output, "PredictedStart", topK), Values<int>(output, "PredictedLength", topK));

    private static T[][] Values<T>(IDataView output, string column, int topK) => topK == 1 ? [.. output.GetColumn<T>(column).Select(value => new[] { value })] : [.. output.GetColumn<T[]>(column)];

    /// <summary>All values of a column to their last bit.</summary>
    private static string Text(IDataView output, string column) => string.Join('\n', output.Schema[column].Type switch
    {
        TextDataViewType => output.GetColumn<string>(column),
        VectorDataViewType { ItemType: TextDataViewType } => output.GetColumn<string[]>(column).Select(row => string.Join('|', row)),
        VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Single => output.GetColumn<float[]>(column).Select(row => string.Join('|', row.Select(Exact))),
        VectorDataViewType => output.GetColumn<int[]>(column).Select(row => string.Join('|', row)),
        var type when type == NumberDataViewType.Single => output.GetColumn<float>(column).Select(Exact),
        _ => output.GetColumn<int>(column).Select(number => $"{number}"),
    });

    private static string Exact(float number) => number.ToString("R", CultureInfo.InvariantCulture);

    private sealed class Pair
    {
        public string[] Answers { get; set; } = [];
        public string Reply { get; set; } = "";
        public float Number { get; set; }
    }
}
