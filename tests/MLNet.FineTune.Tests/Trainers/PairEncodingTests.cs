using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>How the two texts of a pair are read, as a user sees it.</summary>
[TestClass]
public sealed class PairEncodingTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow(PairEncoding.Auto, 1, 4)]
    [DataRow(PairEncoding.Auto, 2, 1)]
    [DataRow(PairEncoding.Joint, 1, 1)]
    [DataRow(PairEncoding.Separate, 2, 4)]
    public void The_head_sees_one_text_or_two_and_their_comparison(PairEncoding pairs, int layers, int vectors)
    {
        TextClassificationOptions options = Options(pairs, Tiny.Encoder(layers));
        using var model = _ml.MulticlassClassification.Trainers.FineTune(options).Fit(Tiny.Load(_ml, Tiny.Make(20)));
        ReportedParameter head = model.DescribeParameters().Parameters.Single(parameter => parameter.Name == "head.output.weight");
        CollectionAssert.AreEqual((long[])[3, vectors * 32], head.Shape.ToArray());
    }

    [TestMethod]
    public void A_model_of_separate_pairs_is_saved_and_loaded()
    {
        IDataView data = Tiny.Load(_ml, Tiny.Make(30));
        using var model = _ml.MulticlassClassification.Trainers.FineTune(Options(PairEncoding.Separate)).Fit(data);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(stream, out _);
        using (loaded as IDisposable)
            Tiny.AssertSame(Tiny.Scores(model, data), Tiny.Scores(loaded, data));
    }

    /// <summary>The default encoder, of one layer, cannot compare two texts that stand in one input.</summary>
    [TestMethod]
    public void Regression_on_pairs_learns_with_the_default_encoder()
    {
        double separate = Correlation(PairEncoding.Auto), joint = Correlation(PairEncoding.Joint);
        Assert.IsGreaterThan(0.6, separate);
        Assert.IsGreaterThan(joint + 0.2, separate);
    }

    /// <summary>With few texts the head is fitted on what is compared.</summary>
    [TestMethod]
    public void The_linear_probe_takes_pairs()
    {
        Assert.IsLessThan(0.8 * FirstLoss(HeadInitialization.Random), FirstLoss(HeadInitialization.Auto));

        static double FirstLoss(HeadInitialization head)
        {
            double loss = double.NaN;
            TextClassificationOptions options = Options(PairEncoding.Separate, EncoderSource.Default);
            (options.HeadInitialization, options.Training.MaxSteps) = (head, 1);
            options.Training.Progress = new Sink<TrainingProgress>(progress => loss = progress.Loss);
            var ml = new MLContext(7);
            ml.MulticlassClassification.Trainers.FineTune(options).Fit(Tiny.Load(ml, Tiny.Make(60))).Dispose();
            return loss;
        }
    }

    [TestMethod]
    public void What_takes_single_texts_only_refuses_it()
    {
        using var folder = new TemporaryFolder();
        EncoderSource encoder = EncoderSource.FromDirectory(EncoderDirectory.Write(folder.File("encoder")));
        TextClassificationOptions options = Options(PairEncoding.Separate, encoder);
        options.Peft = Tiny.Method("lora");
        using var model = _ml.MulticlassClassification.Trainers.FineTune(options).Fit(Tiny.Load(_ml, Tiny.Make(20)));
        using AdapterSet adapters = _ml.FineTuning().CreateAdapterSet(encoder);
        Assert.Contains("compares pairs of texts", Assert.ThrowsExactly<ArgumentException>(() => adapters.Add("pairs", model)).Message);
        Assert.IsEmpty(adapters.Names);
        model.SaveAdapter(folder.File("adapter"));
        Assert.Contains("compares pairs of texts", Assert.ThrowsExactly<ArgumentException>(() => adapters.Load("pairs", folder.File("adapter"))).Message);
    }

    [TestMethod]
    public void Bad_options_are_refused()
    {
        Refused(new TextClassificationOptions { PairEncoding = (PairEncoding)9 }, "TextClassificationOptions.PairEncoding is 9; expected Auto, Joint, Separate");
        Refused(new TextClassificationOptions { PairEncoding = PairEncoding.Separate, Prompt = new ClozePrompt() }, "TextClassificationOptions.PairEncoding is Separate; expected Auto or Joint with Prompt");
        Assert.Contains("TextRegressionOptions.PairEncoding is 9", Assert.ThrowsExactly<ArgumentException>(() => _ml.Regression.Trainers.FineTune(new TextRegressionOptions { PairEncoding = (PairEncoding)9 })).Message);

        void Refused(TextClassificationOptions options, string says) =>
            Assert.Contains(says, Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.FineTune(options)).Message);
    }

    private static TextClassificationOptions Options(PairEncoding pairs, EncoderSource? encoder = null)
    {
        TextClassificationOptions options = Tiny.Options(pairs: true, epochs: 1, encoder: encoder);
        options.PairEncoding = pairs;
        return options;
    }

    /// <summary>Spearman's correlation, on other pairs, with whether both texts have one topic.</summary>
    private double Correlation(PairEncoding pairs)
    {
        IDataView train = Likeness(200, 1), test = Likeness(100, 2);
        using TextRegressionTransformer model = _ml.Regression.Trainers.FineTune(new TextRegressionOptions
        {
            LabelColumnName = nameof(Row.Weight), Sentence1ColumnName = nameof(Row.Text), Sentence2ColumnName = nameof(Row.Second), PairEncoding = pairs, Precision = Precision.Float32, Training = { Epochs = 4 },
        }).Fit(train);
        return Training.RegressionMetrics.Spearman(
            [.. model.Transform(test).GetColumn<float>("Score").Select(score => (double)score)], [.. test.GetColumn<float>(nameof(Row.Weight)).Select(weight => (double)weight)]);
    }

    private IDataView Likeness(int count, int seed)
    {
        List<Row> rows = Tiny.Make(count, seed);
        var random = new Random(seed);
        return _ml.Data.LoadFromEnumerable(rows.Select((row, i) =>
        {
            Row[] others = [.. rows.Where(other => other != row && other.Intent == row.Intent == (i % 2 == 0))];
            Row other = others[random.Next(others.Length)];
            return new Row { Text = row.Text, Second = other.Text, Weight = other.Intent == row.Intent ? 5 : 0 };
        }).ToList());
    }
}
