using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.FewShot;

/// <summary>From labelled texts to predicted labels.</summary>
[TestClass]
public sealed class MultiLabelSetFitTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    [DataRow(MultiLabelStrategy.OneVsRest)]
    [DataRow(MultiLabelStrategy.ClassifierChain)]
    public void Two_independent_topics_are_learnt(MultiLabelStrategy strategy)
    {
        IDataView train = Topics.Load(_ml), test = Topics.Load(_ml, test: true);
        var pipeline = Topics.Keys(_ml)
            .Append(_ml.FineTuning().SetFitMultiLabel(Options(strategy)))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel"));
        var model = pipeline.Fit(train);
        MultiLabelClassificationMetrics seen = _ml.FineTuning().EvaluateMultiLabel(model.Transform(train)), unseen = _ml.FineTuning().EvaluateMultiLabel(model.Transform(test));
        Assert.IsGreaterThan(0.95, seen.MicroF1, $"{seen}");
        Assert.IsGreaterThan(0.7, unseen.MicroF1, $"{unseen}");
    }

    [TestMethod]
    public void A_saved_chain_of_labels_gives_bit_equal_results_and_names()
    {
        IDataView data = Topics.Load(_ml);
        SetFitMultiLabelOptions options = Options(MultiLabelStrategy.ClassifierChain);
        options.Encoder = Tiny.Encoder();
        var model = Topics.Keys(_ml).Append(_ml.FineTuning().SetFitMultiLabel(options)).Append(_ml.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel")).Fit(data);
        using var folder = new TemporaryFolder();
        _ml.Model.Save(model, data.Schema, folder.File("model.zip"));
        ITransformer back = new MLContext().Model.Load(folder.File("model.zip"), out _);
        Tiny.AssertSame(Tiny.Scores(model, data), Tiny.Scores(back, data));
        string[] predicted = Predicted(model.Transform(data));
        CollectionAssert.AreEqual(predicted, Predicted(back.Transform(data)));
        using var engine = _ml.Model.CreatePredictionEngine<TopicRow, Prediction>(back);
        CollectionAssert.AreEqual(predicted[..4], Topics.Make()[..4].Select(row => string.Join(',', engine.Predict(row).Predicted)).ToArray());
    }

    [TestMethod]
    public void Keys_and_indicators_give_the_same_model()
    {
        SetFitMultiLabelOptions options = Options(MultiLabelStrategy.ClassifierChain);
        options.Encoder = Tiny.Encoder();
        using var keys = new MLContext(3).FineTuning().SetFitMultiLabel(options).Fit(Topics.LoadKeys(_ml));
        options.LabelColumnName = nameof(TopicRow.Indicator);
        using var indicator = new MLContext(3).FineTuning().SetFitMultiLabel(options).Fit(Topics.Load(_ml));
        Tiny.AssertSame(Tiny.Scores(keys, Topics.Load(_ml, test: true)), Tiny.Scores(indicator, Topics.Load(_ml, test: true)));
    }

    /// <summary>A held-out share measures the head while the encoder trains; a method that is set up from data takes the same rows.</summary>
    [TestMethod]
    [DataRow(ValidationMetric.MacroF1)]
    [DataRow(ValidationMetric.LogLoss)]
    [DataRow(ValidationMetric.Accuracy)]
    public void Validation_measures_label_sets(ValidationMetric metric)
    {
        SetFitMultiLabelOptions options = Options(MultiLabelStrategy.OneVsRest);
        List<double> measured = [];
        options.Encoder = Tiny.Encoder();
        options.Peft = new LayerNormTuning { Share = 0.5f };
        options.Training.ValidationFraction = 0.25;
        options.Training.ValidationMetric = metric;
        options.Training.Progress = new Reports(measured);
        using var model = _ml.FineTuning().SetFitMultiLabel(options).Fit(Topics.LoadKeys(_ml));
        Assert.IsGreaterThan(0, measured.Count);
        Assert.IsTrue(measured.All(value => value >= 0 && (metric == ValidationMetric.LogLoss || value <= 1)));
    }

    [TestMethod]
    public void Weights_of_classes_are_refused_and_balance_is_not()
    {
        SetFitMultiLabelOptions options = Options(MultiLabelStrategy.OneVsRest);
        (options.Encoder, options.Peft) = (Tiny.Encoder(), new HeadOnly());
        options.Training.ClassWeights = [1, 2];
        string message = Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().SetFitMultiLabel(options)).Message;
        StringAssert.Contains(message, "SetFitMultiLabelOptions.Training.ClassWeights is set; expected null");
        options.Training.ClassWeights = null;
        options.LabelColumnName = nameof(TopicRow.Indicator);
        IDataView rare = _ml.Data.LoadFromEnumerable(Topics.Make().Where((row, i) => row.Topics.Length == 0 || i % 5 == 0));
        float Mean(ClassWeighting weighting)
        {
            options.Training.ClassWeighting = weighting;
            using var model = new MLContext(3).FineTuning().SetFitMultiLabel(options).Fit(rare);
            return Tiny.Scores(model, rare).SelectMany(scores => scores).Average();
        }

        Assert.IsGreaterThan(Mean(ClassWeighting.None) + 0.03f, Mean(ClassWeighting.Balanced), "a rare label weighs as much as its absence");
    }

    private static SetFitMultiLabelOptions Options(MultiLabelStrategy strategy) => new()
    {
        Sentence1ColumnName = nameof(TopicRow.Text),
        Strategy = strategy,
        Peft = new Lora(),
        Precision = Precision.Float32,
        Head = new LogisticRegressionHead { L2Regularization = 1 },
        Pairs = new PairSampling { MaxPairs = 200 },
        Training = { Epochs = 1, BatchSize = 12 },
    };

    private static string[] Predicted(IDataView data) => [.. data.GetColumn<string[]>("Predicted").Select(names => string.Join(',', names))];

    private sealed class Reports(List<double> measured) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.ValidationMetric is { } metric)
                measured.Add(metric);
        }
    }

    private sealed class Prediction
    {
        public string[] Predicted { get; set; } = [];
    }
}
