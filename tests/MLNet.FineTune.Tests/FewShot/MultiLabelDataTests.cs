using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Trainers;

namespace MLNet.FineTune.Tests.FewShot;

/// <summary>How label vectors are read, and what is said to data that cannot be learnt from.</summary>
[TestClass]
public sealed class MultiLabelDataTests
{
    private readonly MLContext _ml = new(7);

    private IHost Host => ((IHostEnvironment)_ml).Register("test");

    [TestMethod]
    public void Keys_are_sets_whose_unknown_values_are_left_out()
    {
        IDataView known = Texts("b,a,c"), data = Texts("a,b,b", "", "unknown,c", "c,a", "unknown");
        IDataView keys = Keys.Fit(known).Transform(data);
        TrainingSet set = TrainingSet.Read(Host, keys, new TrainingColumns("Label", "Text"), ClassificationTask.MultiLabel);
        AssertSets([[0, 1], [], [2], [1, 2], []], set.LabelSets!);
        CollectionAssert.AreEqual(new[] { "b", "a", "c" }, set.Classes.Names.ToArray());
        CollectionAssert.AreEqual(new[] { 1, 2, 2 }, set.ClassCounts);
        CollectionAssert.AreEqual(new[] { 0, 0, 2, 1, 0 }, set.Labels);
    }

    [TestMethod]
    public void Indicators_are_sets_and_a_row_with_NaN_is_skipped()
    {
        IDataView data = _ml.Data.LoadFromEnumerable((Indicated[])[new(1, 0, 0.5f), new(0, 0, 0), new(1, float.NaN, 0), new(-1, 1, 1)]);
        TrainingSet set = TrainingSet.Read(Host, data, new TrainingColumns("Label", "Text"), ClassificationTask.MultiLabel);
        AssertSets([[0, 2], [], [1, 2]], set.LabelSets!);
        CollectionAssert.AreEqual(new[] { "0", "1", "2" }, set.Classes.Names.ToArray());
    }

    [TestMethod]
    public void Labels_that_tell_nothing_apart_are_refused()
    {
        foreach ((string[] labels, string says) in ((string[], string)[])[(["x", "x"], "same labels"), (["", ""], "no label")])
        {
            IDataView data = Keys.Fit(Texts("x")).Transform(Texts(labels));
            string message = Assert.ThrowsExactly<InvalidOperationException>(() => Trainer().Fit(data)).Message;
            StringAssert.Contains(message, says);
            StringAssert.Contains(message, "'Label'");
        }
    }

    [TestMethod]
    public void A_label_of_another_type_is_refused_with_what_makes_one()
    {
        IDataView texts = Texts("a", "b");
        IDataView scalar = _ml.Transforms.Conversion.MapValueToKey("Label", "Labels").Fit(texts).Transform(texts);
        foreach (IDataView data in (IDataView[])[scalar, _ml.Transforms.CopyColumns("Label", "Labels").Fit(texts).Transform(texts), _ml.Data.LoadFromEnumerable([new Unsized()])])
        {
            string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer().Fit(data)).Message;
            StringAssert.Contains(message, "a vector of keys");
            StringAssert.Contains(message, "TokenizeIntoWords");
        }
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer().Fit(texts)).Message, "'Label' is not in the data");
    }

    [TestMethod]
    public void Options_out_of_range_are_named()
    {
        Refuses(options => options.Threshold = 1, "Threshold is 1");
        Refuses(options => options.Threshold = float.NaN, "Threshold is NaN");
        Refuses(options => options.Strategy = (MultiLabelStrategy)9, "OneVsRest, MultiOutput, ClassifierChain");
        Refuses(options => options.ChainOrder = (LabelChainOrder)9, "ByIndex, Random");
        Refuses(options => options.Training.ValidationMetric = ValidationMetric.AreaUnderRocCurve, "ValidationMetric is AreaUnderRocCurve");
        Refuses(options => options.Head = null!, "SetFitMultiLabelOptions.Head is null");

        void Refuses(Action<SetFitMultiLabelOptions> change, string says)
        {
            var options = new SetFitMultiLabelOptions();
            change(options);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => _ml.FineTuning().SetFitMultiLabel(options)).Message, says);
        }
    }

    [TestMethod]
    public void A_validation_set_of_other_classes_is_refused()
    {
        IDataView train = Keys.Fit(Texts("a,b")).Transform(Texts("a", "b"));
        var options = new SetFitMultiLabelOptions { Sentence1ColumnName = "Text", ValidationSet = Keys.Fit(Texts("a,c")).Transform(Texts("a", "c")) };
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => _ml.FineTuning().SetFitMultiLabel(options).Fit(train)).Message, "other classes");
    }

    private IEstimator<ITransformer> Keys => _ml.Transforms.Text.TokenizeIntoWords("Label", "Labels", [',']).Append(_ml.Transforms.Conversion.MapValueToKey("Label"));

    private MultiLabelSetFitTrainer Trainer() => _ml.FineTuning().SetFitMultiLabel("Label", "Text");

    private IDataView Texts(params string[] labels) => _ml.Data.LoadFromEnumerable(labels.Select(label => new Named { Labels = label }));

    private static void AssertSets(int[][] expected, int[][] found) =>
        Assert.AreEqual(string.Join(';', expected.Select(set => string.Join(',', set))), string.Join(';', found.Select(set => string.Join(',', set))));

    private sealed class Named
    {
        public string Text { get; set; } = "a text";

        public string Labels { get; set; } = "";
    }

    private sealed class Indicated(params float[] label)
    {
        public Indicated() : this(0, 0, 0)
        {
        }

        public string Text { get; set; } = "a text";

        [VectorType(3)]
        public float[] Label { get; set; } = label;
    }

    private sealed class Unsized
    {
        public string Text { get; set; } = "a text";

        [VectorType]
        public float[] Label { get; set; } = [1];
    }
}
