using Microsoft.ML;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Trainers;

/// <summary>What training starts its head from.</summary>
[TestClass]
public sealed class HeadInitializationTests
{
    private static readonly EncoderSource Plain = Tiny.Options(epochs: 1).Encoder;

    [TestMethod]
    public void A_linear_probe_starts_fine_tuning_from_a_fitted_head()
    {
        double fitted = FirstLoss(Plain, HeadInitialization.LinearProbe, new LogisticRegressionHead { L2Regularization = 0.1f });
        Assert.IsLessThan(0.8 * FirstLoss(Plain, HeadInitialization.Random), fitted);
    }

    /// <summary>With more than 64 texts a class, of which there are three here, the head is random by default.</summary>
    [TestMethod]
    public void The_number_of_texts_decides_by_default()
    {
        Assert.AreEqual(FirstLoss(EncoderSource.Default, HeadInitialization.LinearProbe, rows: 192), FirstLoss(EncoderSource.Default, HeadInitialization.Auto, rows: 192));
        Assert.AreEqual(FirstLoss(EncoderSource.Default, HeadInitialization.Random, rows: 193), FirstLoss(EncoderSource.Default, HeadInitialization.Auto, rows: 193));
    }

    /// <summary>By default the head is fitted where the checkpoint is pretrained and says how it pools, and random elsewhere.</summary>
    [TestMethod]
    public void The_encoder_decides_by_default()
    {
        Assert.AreEqual(FirstLoss(EncoderSource.Default, HeadInitialization.LinearProbe), FirstLoss(EncoderSource.Default, HeadInitialization.Auto));
        Assert.IsLessThan(0.8 * FirstLoss(EncoderSource.Default, HeadInitialization.Random), FirstLoss(EncoderSource.Default, HeadInitialization.Auto));
        Assert.AreEqual(FirstLoss(Plain, HeadInitialization.Random), FirstLoss(Plain, HeadInitialization.Auto));
    }

    /// <summary>A head on another pooling than the encoder's own does not see its embeddings.</summary>
    [TestMethod]
    public void The_pooling_decides_by_default()
    {
        Assert.AreEqual(FirstLoss(EncoderSource.Default, HeadInitialization.Random, pooling: PoolingMode.Cls), FirstLoss(EncoderSource.Default, HeadInitialization.Auto, pooling: PoolingMode.Cls));
        Assert.AreEqual(FirstLoss(EncoderSource.Default, HeadInitialization.Auto), FirstLoss(EncoderSource.Default, HeadInitialization.Auto, pooling: PoolingMode.Mean));
    }

    [TestMethod]
    public void Bad_options_are_refused()
    {
        void Refused(Action<TextClassificationOptions> change, string says)
        {
            TextClassificationOptions options = Tiny.Options(epochs: 1);
            change(options);
            var ml = new MLContext(7);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ml.MulticlassClassification.Trainers.FineTune(options).Fit(Tiny.Load(ml, Tiny.Make(20))).Dispose()).Message, says);
        }

        Refused(options => options.HeadInitialization = (HeadInitialization)9, "TextClassificationOptions.HeadInitialization is 9; expected Auto, Random, LinearProbe");
        Refused(options => options.LinearProbe = null!, "TextClassificationOptions.LinearProbe is null; expected a head");
        Refused(options => options.LinearProbe = new LogisticRegressionHead { L2Regularization = -1 }, "LogisticRegressionHead.L2Regularization is -1");
    }

    private static double FirstLoss(EncoderSource encoder, HeadInitialization start, SetFitHead? probe = null, int rows = 60, PoolingMode? pooling = null)
    {
        var ml = new MLContext(7);
        double first = double.NaN;
        TextClassificationOptions options = Tiny.Options(epochs: 1);
        (options.Encoder, options.HeadInitialization, options.LinearProbe) = (encoder, start, probe ?? options.LinearProbe);
        options.Pooling = pooling;
        options.Training.Progress = new Sink<TrainingProgress>(p => first = p.Step == 1 ? p.Loss : first);
        ml.MulticlassClassification.Trainers.FineTune(options).Fit(Tiny.Load(ml, Tiny.Make(rows))).Dispose();
        return first;
    }
}
