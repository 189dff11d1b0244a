using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>What fitted models that classify words share with others: soups, consistency, directories.</summary>
public sealed partial class TokenClassificationTests
{
    [TestMethod]
    public void A_soup_of_a_model_with_itself_is_that_model()
    {
        using TokenClassificationTransformer model = Fitted(1e-2), other = Fitted(3e-2), same = _ml.FineTuning().Soup(model, model), mixed = _ml.FineTuning().Soup(model, other);
        IDataView rows = Load(Make(20, seed: 3));
        Tiny.AssertSame(Scores(model, rows), Scores(same, rows));
        Assert.IsFalse(Scores(model, rows)[0].SequenceEqual(Scores(mixed, rows)[0]) || Scores(other, rows)[0].SequenceEqual(Scores(mixed, rows)[0]));
    }

    /// <summary>Some labels are missing, some words are nothing to the tokenizer, and a row is longer than the encoder takes.</summary>
    [TestMethod]
    [DataRow(null)]
    [DataRow(ValidationMetric.EntityF1)]
    public void A_greedy_soup_goes_by_the_metric_of_words(ValidationMetric? metric)
    {
        TokenClassificationTransformer[] models = [Fitted(1e-5), Fitted(1e-2), Fitted(3e-2)];
        List<Tagged> rows = Make(30, seed: 2);
        rows[3] = rows[3] with { Labels = [.. rows[3].Labels.Select((label, i) => i == 0 ? "?" : label)] };
        rows.Add(new Tagged { Words = [.. Enumerable.Repeat("rome", 60)], Labels = [.. Enumerable.Repeat("B-LOC", 60)] });
        IDataView held = Load(rows);
        GreedySoup<TokenClassificationTransformer> greedy = _ml.FineTuning().GreedySoup(models, held, metric: metric);
        for (int i = 0; i < models.Length; i++)
            Assert.AreEqual(Measured(models[i]), greedy.ModelMetrics[i], 1e-6);
        Assert.AreEqual(Measured(greedy.Model), greedy.Metric, 1e-6);
        Assert.IsGreaterThanOrEqualTo(greedy.ModelMetrics.Max(), greedy.Metric);
        Assert.IsGreaterThan(greedy.ModelMetrics[0], greedy.Metric);
        Assert.Contains("The metric RSquared is not defined", Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().GreedySoup(models, held, metric: ValidationMetric.RSquared)).Message);
        greedy.Model.Dispose();
        foreach (TokenClassificationTransformer model in models)
            model.Dispose();

        double Measured(TokenClassificationTransformer model)
        {
            TokenClassificationMetrics metrics = _ml.FineTuning().EvaluateTokens(model.Transform(held));
            return metric is null ? metrics.TokenAccuracy : metrics.EntityF1;
        }
    }

    [TestMethod]
    public void Models_of_different_types_are_not_mixed()
    {
        using TokenClassificationTransformer words = Fitted(1e-2);
        using MulticlassTextClassificationTransformer texts = Tiny.Fit(new MLContext(7), Tiny.Options(epochs: 1));
        Assert.Contains("Models 0 and 1 are of different types: TokenClassificationTransformer; MulticlassTextClassificationTransformer",
            Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().Soup<FineTunedTextTransformer>(words, texts)).Message);
    }

    /// <summary>Read back by what is tested against Hugging Face's own models.</summary>
    [TestMethod]
    public void A_merged_model_is_written_as_hugging_face_has_it()
    {
        using var folder = new TemporaryFolder();
        using TokenClassificationTransformer model = _ml.MulticlassClassification.Trainers.FineTuneTokens(Options("lora", epochs: 3)).Fit(Load(Make(40))), merged = model.MergeAdapter();
        merged.SavePretrained(folder.File("model"));
        JsonNode config = JsonNode.Parse(File.ReadAllText(folder.File("model/config.json")))!;
        Assert.AreEqual("BertForTokenClassification", (string?)config["architectures"]![0]);
        CollectionAssert.AreEqual(Tags, Tags.Select((_, i) => (string?)config["id2label"]![$"{i}"]).ToArray());
        Assert.AreEqual(3, (int?)config["label2id"]!["I-LOC"]);

        using TaskModel loaded = ModelCheckpoint.Load(folder.File("model"), TextTask.TokenClassification);
        loaded.eval();
        List<Tagged> rows = Make(10, seed: 2);
        float[][] expected = Scores(model, Load(rows));
        using var frozen = no_grad();
        using DisposeScope scope = NewDisposeScope();
        for (int row = 0; row < rows.Count; row++)
        {
            Encoding encoding = new TokenizedWords(TextTokenizer.Load(folder.File("model")), rows[row].Words).Encode(32);
            var batch = new TextBatches([encoding], loaded.Encoder.Config);
            float[] logits = batch.ScoreWords(chosen => { using var input = batch.Input(chosen); return loaded.Forward(input); }, 1, Tags.Length, null)[0];
            for (int word = 0; word < rows[row].Words.Length; word++)
                Assert.AreEqual(expected[row][word], nn.functional.softmax(tensor(logits[(4 * word)..(4 * word + 4)]), 0).max().item<float>(), 1e-4f);
        }
    }

    [TestMethod]
    [DataRow("r-drop")]
    [DataRow("smart(proximal_weight=0.5)")]
    public void Learns_with_consistency(string consistency)
    {
        TokenClassificationOptions options = Options("full", epochs: 12);
        (options.Encoder, options.Consistency) = (Tiny.Encoder(dropout: 0.1), ConsistencyRegularization.Parse(consistency));
        using TokenClassificationTransformer model = _ml.MulticlassClassification.Trainers.FineTuneTokens(options).Fit(Load(Make(60)));
        Assert.IsGreaterThan(0.8, _ml.FineTuning().EvaluateTokens(model.Transform(Load(Make(30, seed: 2)))).EntityF1);
    }

    [TestMethod]
    public void Consistency_that_cannot_work_is_refused()
    {
        TokenClassificationOptions options = Options("full", epochs: 2);
        options.Consistency = new RDrop { Weight = 0 };
        Assert.Contains("RDrop.Weight", Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.FineTuneTokens(options)).Message);
        options.Consistency = new RDrop();
        Assert.Contains("RDrop needs dropout", Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.FineTuneTokens(options).Fit(Load(Make(80)))).Message);
    }

    private TokenClassificationTransformer Fitted(double rate)
    {
        TokenClassificationOptions options = Options("full", epochs: 3);
        options.Training.LearningRate = rate;
        return new MLContext(7).MulticlassClassification.Trainers.FineTuneTokens(options).Fit(Load(Make(40)));
    }
}
