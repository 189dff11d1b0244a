using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>What fitted models that predict numbers share with others: soups, adapters, directories.</summary>
public sealed partial class RegressionTests
{
    /// <summary>A head is linear, so that the soup of heads gives the mean of what they give.</summary>
    [TestMethod]
    public void A_soup_of_heads_gives_the_mean()
    {
        List<Scored> rows = Make(20, seed: 2);
        using TextRegressionTransformer low = Fitted(3e-2), high = Fitted(1e-1), soup = _ml.FineTuning().Soup(low, high);
        float[] one = Scores(low, rows), two = Scores(high, rows), mean = Scores(soup, rows);
        for (int row = 0; row < rows.Count; row++)
            Assert.AreEqual((one[row] + two[row]) / 2, mean[row], 1e-4f);
        Assert.IsGreaterThan(1e-2f, Math.Abs(one[0] - two[0]));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(ValidationMetric.RSquared)]
    public void A_greedy_soup_goes_by_the_metric_of_numbers(ValidationMetric? metric)
    {
        TextRegressionTransformer[] models = [Fitted(1e-4), Fitted(3e-2), Fitted(1e-1), Fitted(5)];
        IDataView held = Load(Make(30, seed: 2));
        GreedySoup<TextRegressionTransformer> greedy = _ml.FineTuning().GreedySoup(models, held, metric: metric);
        double[] alone = [.. models.Select(Measured)];
        for (int i = 0; i < models.Length; i++)
            Assert.AreEqual(alone[i], greedy.ModelMetrics[i], 1e-3 * Math.Abs(alone[i]) + 1e-4);
        Assert.AreEqual(Measured(greedy.Model), greedy.Metric, 1e-4);
        Assert.AreEqual(metric is null ? alone.Min() : alone.Max(), alone[greedy.Ingredients[0]]);
        Assert.IsTrue(metric is null ? greedy.Metric <= greedy.ModelMetrics.Min() : greedy.Metric >= greedy.ModelMetrics.Max());
        Assert.Contains("The metric Accuracy is not defined for models of type TextRegressionTransformer; expected one of RootMeanSquaredError",
            Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().GreedySoup(models, held, metric: ValidationMetric.Accuracy)).Message);
        greedy.Model.Dispose();
        foreach (TextRegressionTransformer model in models)
            model.Dispose();

        double Measured(TextRegressionTransformer model) => metric is null ? _ml.Regression.Evaluate(model.Transform(held)).RootMeanSquaredError : _ml.Regression.Evaluate(model.Transform(held)).RSquared;
    }

    [TestMethod]
    public void An_adapter_set_gives_the_number()
    {
        using var folder = new TemporaryFolder();
        TextRegressionOptions options = Options("lora", epochs: 1);
        (options.Encoder, options.Pooling) = (EncoderSource.Default, null);
        using TextRegressionTransformer model = _ml.Regression.Trainers.FineTune(options).Fit(Load(Make(16)));
        using AdapterSet adapters = _ml.FineTuning().CreateAdapterSet(EncoderSource.Default, Precision.Float32);
        adapters.Add("stars", model);
        model.SaveAdapter(folder.Path);
        adapters.Load("again", folder.Path);
        List<Scored> rows = Make(5, seed: 3);
        float[] expected = Scores(model, rows);
        foreach (string name in adapters.Names)
        {
            float[][] found = adapters.Score([.. rows.Select(row => row.Text)], name);
            for (int row = 0; row < rows.Count; row++)
            {
                Assert.HasCount(1, found[row]);
                Assert.AreEqual(expected[row], found[row][0], 1e-4f, name);
            }
        }
    }

    /// <summary>Read back by what is tested against Hugging Face's own models.</summary>
    [TestMethod]
    public void A_merged_model_is_written_as_hugging_face_has_it()
    {
        using var folder = new TemporaryFolder();
        TextRegressionOptions options = Options("lora", epochs: 2);
        options.Pooling = PoolingMode.Cls;
        using TextRegressionTransformer model = _ml.Regression.Trainers.FineTune(options).Fit(Load(Make(24))), merged = model.MergeAdapter();
        Assert.Contains("merge it first (MergeAdapter)", Assert.ThrowsExactly<NotSupportedException>(() => model.SavePretrained(folder.File("model"))).Message);
        merged.SavePretrained(folder.File("model"));
        merged.SavePretrained(folder.File("model"));
        JsonNode config = JsonNode.Parse(File.ReadAllText(folder.File("model/config.json")))!;
        Assert.AreEqual(("BertForSequenceClassification", "regression", "LABEL_0"), ((string?)config["architectures"]![0], (string?)config["problem_type"], (string?)config["id2label"]!["0"]));

        using TaskModel loaded = ModelCheckpoint.Load(folder.File("model"), TextTask.SequenceClassification);
        TextTokenizer tokenizer = TextTokenizer.Load(folder.File("model"));
        List<Scored> rows = Make(10, seed: 2);
        var found = new float[rows.Count];
        loaded.eval();
        new TextBatches([.. rows.Select(row => tokenizer.Encode(row.Text, null, 32, Truncation.LongestFirst))], loaded.Encoder.Config).Score(loaded, 4, found, null);
        float[] expected = Scores(model, rows);
        for (int row = 0; row < rows.Count; row++)
            Assert.AreEqual(expected[row], found[row], 1e-4f);

        File.WriteAllText(folder.File("notes.txt"), "");
        Assert.Contains("no encoder's", Assert.ThrowsExactly<IOException>(() => merged.SavePretrained(folder.Path)).Message);
        using TextRegressionTransformer mean = _ml.Regression.Trainers.FineTune(Options("full", epochs: 1)).Fit(Load(Make(10)));
        Assert.Contains("pooling Mean", Assert.ThrowsExactly<NotSupportedException>(() => mean.SavePretrained(folder.File("other"))).Message);
    }

    private TextRegressionTransformer Fitted(double rate)
    {
        TextRegressionOptions options = Options("full", epochs: 3);
        (options.Peft, options.Training.LearningRate) = (new HeadOnly(), rate);
        return new MLContext(7).Regression.Trainers.FineTune(options).Fit(Load(Make(40)));
    }
}
