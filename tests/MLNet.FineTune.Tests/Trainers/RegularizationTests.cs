using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune.Tests.Trainers;

[TestClass]
public sealed class RegularizationTests
{
    private readonly MLContext _ml = new(7);

    public static IEnumerable<object[]> All =>
    [
        [new RDrop()], [new Smart { Epsilon = 0.02, NoiseDeviation = 0.01, StepSize = 0.01, ProximalWeight = 0.5 }],
    ];

    [TestMethod]
    [DynamicData(nameof(All))]
    public void A_binary_classifier_of_pairs_learns_with_it(ConsistencyRegularization regularization)
    {
        TextClassificationOptions options = Tiny.Options("lora", pairs: true, encoder: Tiny.Encoder(dropout: 0.1));
        (options.LabelColumnName, options.Consistency) = (nameof(Row.Positive), regularization);
        options.Training.WeightAveraging = new ExponentialMovingAverage();
        using BinaryTextClassificationTransformer model = _ml.BinaryClassification.Trainers.FineTune(options).Fit(_ml.Data.LoadFromEnumerable(Tiny.Make(60)));
        IDataView scored = model.Transform(_ml.Data.LoadFromEnumerable(Tiny.Make(60)));
        Assert.IsGreaterThan(0.8, _ml.BinaryClassification.Evaluate(scored, nameof(Row.Positive)).AreaUnderRocCurve);
    }

    [TestMethod]
    [DynamicData(nameof(All))]
    public void Numbers_are_learnt_with_it(ConsistencyRegularization regularization)
    {
        var options = new TextRegressionOptions
        {
            LabelColumnName = "Number",
            Sentence1ColumnName = nameof(Row.Text),
            Encoder = Tiny.Encoder(dropout: 0.1),
            Precision = Precision.Float32,
            Consistency = regularization,
            Training = { Epochs = 6, BatchSize = 8, LearningRate = 5e-3 },
        };
        IDataView data = _ml.Transforms.Conversion.ConvertType("Number", nameof(Row.Positive)).Fit(_ml.Data.LoadFromEnumerable(Tiny.Make(60))).Transform(_ml.Data.LoadFromEnumerable(Tiny.Make(60)));
        using TextRegressionTransformer model = _ml.Regression.Trainers.FineTune(options).Fit(data);
        Assert.IsGreaterThan(0.3, _ml.Regression.Evaluate(model.Transform(data), "Number").RSquared);
    }

    [TestMethod]
    public void A_regularization_without_an_effect_is_refused()
    {
        TextClassificationOptions options = Tiny.Options(encoder: Tiny.Encoder(dropout: 0));
        options.Consistency = new RDrop();
        Assert.Contains("RDrop needs dropout", Assert.ThrowsExactly<ArgumentException>(() => Tiny.Fit(_ml, options)).Message);
        options.Consistency = new RDrop { Weight = -1 };
        Assert.Contains("RDrop.Weight is -1", Assert.ThrowsExactly<ArgumentException>(() => Tiny.Fit(_ml, options)).Message);
    }

    [TestMethod]
    public void Repeated_fits_have_it_too()
    {
        TextClassificationOptions options = Tiny.Options();
        options.Consistency = new Smart { Weight = 2 };
        FineTuneTask task = RepeatedFit.Read(_ml, "test", options, Tiny.Load(_ml, Tiny.Make(40)), null, 0.2, seed: 1);
        Assert.AreEqual(new Smart { Weight = 2 }, task.Consistency);
    }
}
