using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tests.QuestionAnswering;

namespace MLNet.FineTune.Tests.PretrainedModels;

/// <summary>What <c>SavePretrained</c> wrote is opened again: the scores are the same bit by bit, and in a zip too.</summary>
[TestClass]
public sealed class WrittenModelTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow(SavedWeights.Embedded)]
    [DataRow(SavedWeights.AdapterOnly)]
    public void Texts(SavedWeights saved)
    {
        using var folder = new TemporaryFolder();
        using MulticlassTextClassificationTransformer model = Tiny.Fit(_ml, WrittenClassifier.Options());
        model.SavePretrained(folder.File("model"));
        IDataView rows = _ml.Data.LoadFromEnumerable(Tiny.Make(30, seed: 2));
        using MulticlassTextClassificationTransformer loaded = _ml.FineTuning().LoadPretrainedClassifier(EncoderSource.FromDirectory(folder.File("model")), WrittenClassifier.Use(o => o.SavedWeights = saved));
        CollectionAssert.AreEqual(Rows.Intents, loaded.ClassNames.ToArray());
        AssertSame(loaded, model, rows);
        CollectionAssert.AreEqual(Values(model, rows), Values(loaded, rows));

        using PredictionEngine<Row, MulticlassResult> engine = _ml.Model.CreatePredictionEngine<Row, MulticlassResult>(loaded, new PredictionEngineOptions { OwnsTransformer = false });
        Row row = Tiny.Make(1)[0];
        CollectionAssert.AreEqual(Tiny.Scores(model, _ml.Data.LoadFromEnumerable([row]))[0], engine.Predict(row).Score);

        _ml.Model.Save(loaded, rows.Schema, folder.File("model.zip"));
        using (ZipArchive zip = ZipFile.OpenRead(folder.File("model.zip")))
            Assert.AreEqual(saved == SavedWeights.Embedded, zip.Entries.Any(entry => entry.Name == "encoder.safetensors"));
        loaded.SavePretrained(folder.File("again"));
        using MulticlassTextClassificationTransformer again = _ml.FineTuning().LoadPretrainedClassifier(EncoderSource.FromDirectory(folder.File("again")), WrittenClassifier.Use());
        AssertSame(again, model, rows);

        if (saved == SavedWeights.AdapterOnly)
        {
            using MulticlassTextClassificationTransformer other = Tiny.Fit(new MLContext(8), WrittenClassifier.Options(epochs: 1));
            other.SavePretrained(folder.File("model"));
            Assert.Contains("found another there", Assert.ThrowsExactly<InvalidDataException>(() => _ml.FineTuning().LoadModel(folder.File("model.zip"), out _)).Message);
        }

        string?[] Values(ITransformer of, IDataView data)
        {
            IDataView predicted = of.Transform(data);
            return [.. _ml.Transforms.Conversion.MapKeyToValue("Value", "PredictedLabel").Fit(predicted).Transform(predicted).GetColumn<string>("Value")];
        }
    }

    [TestMethod]
    public void Numbers()
    {
        using var folder = new TemporaryFolder();
        IDataView rows = _ml.Data.LoadFromEnumerable(Tiny.Make(24));
        var options = new TextRegressionOptions
        {
            LabelColumnName = nameof(Row.Weight), Sentence1ColumnName = nameof(Row.Text), Sentence2ColumnName = nameof(Row.Second), Encoder = Tiny.Encoder(), Pooling = PoolingMode.Cls, PairEncoding = PairEncoding.Joint, Precision = Precision.Float32,
            Training = { Epochs = 1, BatchSize = 8 },
        };
        using TextRegressionTransformer model = _ml.Regression.Trainers.FineTune(options).Fit(rows);
        model.SavePretrained(folder.File("model"));
        using TextRegressionTransformer loaded = _ml.FineTuning().LoadPretrainedRegressor(EncoderSource.FromDirectory(folder.File("model")), WrittenClassifier.Use(o => o.Sentence2ColumnName = nameof(Row.Second)));
        CollectionAssert.AreEqual(model.Transform(rows).GetColumn<float>("Score").ToArray(), loaded.Transform(rows).GetColumn<float>("Score").ToArray());
        using var back = (IDisposable)Reloaded(loaded, rows);
        CollectionAssert.AreEqual(model.Transform(rows).GetColumn<float>("Score").ToArray(), ((ITransformer)back).Transform(rows).GetColumn<float>("Score").ToArray());
    }

    [TestMethod]
    public void Words()
    {
        using var folder = new TemporaryFolder();
        IDataView texts = _ml.Data.LoadFromEnumerable(Tiny.Make(24));
        IDataView rows = _ml.Transforms.Text.TokenizeIntoWords("Words", nameof(Row.Text)).Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Words", maximumNumberOfKeys: 4)).Fit(texts).Transform(texts);
        using TokenClassificationTransformer model = _ml.MulticlassClassification.Trainers.FineTuneTokens(new TokenClassificationOptions
        {
            Sentence1ColumnName = "Words", Encoder = Tiny.Encoder(), Precision = Precision.Float32, Training = { Epochs = 1, BatchSize = 8 },
        }).Fit(rows);
        model.SavePretrained(folder.File("model"));
        using TokenClassificationTransformer loaded = _ml.FineTuning().LoadPretrainedTokenClassifier(EncoderSource.FromDirectory(folder.File("model")), WrittenClassifier.Use(o => o.Sentence1ColumnName = "Words"));
        CollectionAssert.AreEqual(model.ClassNames.ToArray(), loaded.ClassNames.ToArray());
        AssertSame(loaded, model, rows);
    }

    [TestMethod]
    public void Answers()
    {
        using var folder = new TemporaryFolder();
        IDataView rows = Questions.Load(_ml, Questions.Make(24, words: 30));
        QuestionAnsweringOptions options = Questions.Options(epochs: 1);
        (options.TopK, options.DocumentStride, options.MaxAnswerLength, options.NullScoreThreshold) = (3, 4, 5, 0.5);
        using QuestionAnsweringTransformer model = _ml.MulticlassClassification.Trainers.FineTuneQuestions(options).Fit(rows);
        model.SavePretrained(folder.File("model"));
        using QuestionAnsweringTransformer loaded = _ml.FineTuning().LoadPretrainedQuestionAnswerer(EncoderSource.FromDirectory(folder.File("model")), new PretrainedQuestionAnsweringOptions
        {
            Precision = Precision.Float32, BatchSize = 8, TopK = 3, DocumentStride = 4, MaxAnswerLength = 5, NullScoreThreshold = 0.5,
        });
        Assert.AreEqual(3, loaded.AnswerCount);
        AssertSame(loaded, model, rows);
        foreach ((string[] expected, string[] found) in model.Transform(rows).GetColumn<string[]>("PredictedAnswer").Zip(loaded.Transform(rows).GetColumn<string[]>("PredictedAnswer")))
            CollectionAssert.AreEqual(expected, found);
    }

    /// <summary>Each label by itself: the logistic function of the logits that <c>softmax</c> is taken of where a text has one label.</summary>
    [TestMethod]
    public void Several_labels()
    {
        using var folder = new TemporaryFolder();
        IDataView rows = _ml.Data.LoadFromEnumerable(Tiny.Make(20));
        EncoderSource single = WrittenClassifier.Write(folder.File("single")), several = WrittenClassifier.Write(folder.File("several"), ("problem_type", "\"multi_label_classification\""));
        using MulticlassTextClassificationTransformer one = _ml.FineTuning().LoadPretrainedClassifier(single, WrittenClassifier.Use());
        using MultiLabelTextClassificationTransformer any = _ml.FineTuning().LoadPretrainedMultiLabelClassifier(several, WrittenClassifier.Use(o => o.Threshold = 0.6f));
        float[][] softmax = Tiny.Scores(one, rows), found = Tiny.Scores(any, rows);
        uint[][] labels = [.. any.Transform(rows).GetColumn<uint[]>("PredictedLabel")];
        for (int row = 0; row < softmax.Length; row++)
        {
            // Of a softmax only differences of logits are left.
            for (int label = 1; label < 3; label++)
                Assert.AreEqual(Math.Log(softmax[row][label] / softmax[row][0]), Logit(found[row][label]) - Logit(found[row][0]), 1e-3);
            CollectionAssert.AreEqual(Enumerable.Range(0, 3).Where(label => found[row][label] > 0.6f).Select(label => (uint)label + 1).ToArray(), labels[row]);
        }
        CollectionAssert.AreEqual(Rows.Intents, any.ClassNames.ToArray());
        using var back = (IDisposable)Reloaded(any, rows);
        Tiny.AssertSame(found, Tiny.Scores((ITransformer)back, rows));

        static double Logit(double probability) => Math.Log(probability / (1 - probability));
    }

    /// <summary>What is averaged is in no directory: it is saved whole, though its ingredients are referred to.</summary>
    [TestMethod]
    public void A_soup_of_models_that_are_referred_to_is_saved_whole()
    {
        using var folder = new TemporaryFolder();
        IDataView rows = _ml.Data.LoadFromEnumerable(Tiny.Make(10));
        MulticlassTextClassificationTransformer[] models = [.. new[] { 1, 3 }.Select(epochs =>
        {
            using MulticlassTextClassificationTransformer model = Tiny.Fit(new MLContext(7), WrittenClassifier.Options(epochs));
            model.SavePretrained(folder.File($"{epochs}"));
            return _ml.FineTuning().LoadPretrainedClassifier(EncoderSource.FromDirectory(folder.File($"{epochs}")), WrittenClassifier.Use(o => o.SavedWeights = SavedWeights.AdapterOnly));
        })];
        using MulticlassTextClassificationTransformer soup = _ml.FineTuning().Soup(models);
        float[][] scores = Tiny.Scores(soup, rows);
        using var back = (IDisposable)Reloaded(soup, rows);
        Tiny.AssertSame(scores, Tiny.Scores((ITransformer)back, rows));
        foreach (MulticlassTextClassificationTransformer model in models)
        {
            Assert.IsFalse(Tiny.Scores(model, rows)[0].SequenceEqual(scores[0]));
            model.Dispose();
        }
    }

    private void AssertSame(ITransformer loaded, ITransformer model, IDataView rows)
    {
        float[][] expected = Tiny.Scores(model, rows);
        Tiny.AssertSame(expected, Tiny.Scores(loaded, rows));
        using var back = (IDisposable)Reloaded(loaded, rows);
        Tiny.AssertSame(expected, Tiny.Scores((ITransformer)back, rows));
    }

    private ITransformer Reloaded(ITransformer model, IDataView rows)
    {
        using var zip = new MemoryStream();
        _ml.Model.Save(model, rows.Schema, zip);
        zip.Position = 0;
        return new MLContext().Model.Load(zip, out _);
    }
}
