using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.Trainers;

[TestClass]
public sealed class TrainingSetTests
{
    private readonly MLContext _ml = new(7);
    private readonly List<string> _warnings = [];

    private IHost Host
    {
        get
        {
            _ml.Log += (_, e) =>
            {
                if (e.Kind == ChannelMessageKind.Warning)
                    _warnings.Add(e.RawMessage);
            };
            return ((IHostEnvironment)_ml).Register("test");
        }
    }

    [TestMethod]
    public void Rows_are_read_in_order_with_labels_pairs_and_weights()
    {
        IDataView data = Map(_ml.Data.LoadFromEnumerable(Rows.Make(60)));
        TrainingSet set = TrainingSet.Read(Host, data, new TrainingColumns("Label", nameof(Row.Text), nameof(Row.Second), nameof(Row.Weight)), ClassificationTask.Multiclass);
        List<Row> rows = Rows.Make(60);
        Assert.AreEqual(60, set.Count);
        for (int i = 0; i < 60; i++)
        {
            Assert.AreEqual(new TextInput(rows[i].Text ?? "", rows[i].Second), set.Inputs[i]);
            Assert.AreEqual(rows[i].Intent, set.Classes.Names[set.Labels[i]]);
            Assert.AreEqual(rows[i].Weight, set.Weights![i]);
        }
        for (int c = 0; c < 3; c++)
            Assert.AreEqual(rows.Count(row => row.Intent == set.Classes.Names[c]), set.ClassCounts[c]);
    }

    [TestMethod]
    public void Classes_are_those_of_the_key_and_one_without_examples_is_a_warning()
    {
        List<Row> rows = Rows.Make(60);
        IDataView all = _ml.Data.LoadFromEnumerable(rows);
        IDataView some = _ml.Data.LoadFromEnumerable(rows.Where(row => row.Intent != "login"));
        IDataView data = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(all).Transform(some);
        TrainingSet set = TrainingSet.Read(Host, data, new TrainingColumns("Label", nameof(Row.Text)), ClassificationTask.Multiclass);
        Assert.AreEqual(3, set.Classes.Count);
        StringAssert.Contains(string.Join("\n", _warnings), "1 of the 3 classes of 'Label' have no example and will not be learnt: 'login'");
        _warnings.Clear();
        TrainingSet.Read(Host, data, new TrainingColumns("Label", nameof(Row.Text)), ClassificationTask.Multiclass, byName: true);
        Assert.IsFalse(_warnings.Any(warning => warning.Contains("will not be learnt", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Rows_without_a_label_are_skipped_with_a_warning()
    {
        List<Row> rows = Rows.Make(60);
        IDataView known = _ml.Data.LoadFromEnumerable(rows.Where(row => row.Intent != "login"));
        IDataView data = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(known).Transform(_ml.Data.LoadFromEnumerable(rows));
        TrainingSet set = TrainingSet.Read(Host, data, new TrainingColumns("Label", nameof(Row.Text)), ClassificationTask.Multiclass);
        int missing = rows.Count(row => row.Intent == "login");
        Assert.AreEqual(60 - missing, set.Count);
        StringAssert.Contains(string.Join("\n", _warnings), $"{missing} of 60 rows of the training set have no label in 'Label' and are skipped.");
    }

    [TestMethod]
    public void NaN_labels_are_skipped_and_missing_texts_are_empty()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new OutputSchemaTests.BinaryRow<float>[]
        {
            new() { Text = "a", Label = 1 }, new() { Text = null!, Label = 0 }, new() { Text = "c", Label = float.NaN }, new() { Text = "d", Label = -1 },
        });
        TrainingSet set = TrainingSet.Read(Host, data, new TrainingColumns("Label", "Text"), ClassificationTask.Binary);
        CollectionAssert.AreEqual(new[] { 1, 0, 0 }, set.Labels);
        CollectionAssert.AreEqual(new[] { "a", "", "d" }, set.Inputs.Select(input => input.Text).ToArray());
        StringAssert.Contains(string.Join("\n", _warnings), "1 of 4 rows of the training set have no text");
        Assert.IsNull(set.Weights);
    }

    [TestMethod]
    public void A_validation_set_may_have_one_class_but_must_have_the_same_classes()
    {
        IDataView all = _ml.Data.LoadFromEnumerable(Rows.Make(60));
        var map = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(all);
        var columns = new TrainingColumns("Label", nameof(Row.Text));
        ClassLabels classes = TrainingSet.Read(Host, map.Transform(all), columns, ClassificationTask.Multiclass).Classes;
        IDataView oneClass = _ml.Data.LoadFromEnumerable(Rows.Make(60).Where(row => row.Intent == "login"));
        Assert.IsTrue(TrainingSet.ReadValidation(Host, map.Transform(oneClass), columns, ClassificationTask.Multiclass, classes).Labels.All(label => label == classes.Names.ToList().IndexOf("login")));

        IDataView twoClasses = _ml.Data.LoadFromEnumerable(Rows.Make(60).Where(row => row.Intent != "refund"));
        IDataView other = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(twoClasses).Transform(twoClasses);
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => TrainingSet.ReadValidation(Host, other, columns, ClassificationTask.Multiclass, classes)).Message;
        StringAssert.Contains(message, "validation set");
        StringAssert.Contains(message, "'Label'");
        StringAssert.Contains(message, "2 (");
        StringAssert.Contains(message, "3 (");
    }

    [TestMethod]
    public void Cancelling_the_context_stops_reading()
    {
        IEnumerable<Row> Endless()
        {
            for (int i = 0; ; i++)
            {
                if (i == 5000)
                    _ml.Cancel();
                yield return new Row { Text = "text", Positive = i % 2 == 0 };
            }
        }

        IDataView data = _ml.Data.LoadFromEnumerable(Endless());
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            TrainingSet.Read(Host, data, new TrainingColumns(nameof(Row.Positive), nameof(Row.Text)), ClassificationTask.Binary));
    }

    private IDataView Map(IDataView data) => _ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(data).Transform(data);
}
