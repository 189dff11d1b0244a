using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Transformers;

[TestClass]
public sealed class DiagnosticsTests
{
    private readonly MLContext _ml = new(7);

    [TestMethod]
    public void Says_what_trained_and_what_it_did_to_the_encoder()
    {
        using var folder = new TemporaryFolder();
        TextClassificationOptions options = Tiny.Options("lora", epochs: 2, encoder: EncoderSource.Default);
        options.Peft = new Lora { Rank = 4 };
        using MulticlassTextClassificationTransformer model = Tiny.Fit(_ml, options, rows: 24);

        ParameterReport parameters = model.DescribeParameters();
        // One layer of 512, with 1,024 inside: six projections with A and B of rank 4, and the head.
        long added = 4 * (4 * 2 * 512 + 2 * (512 + 1024)), head = 513L * model.ClassNames.Count;
        Assert.AreEqual(added + head, parameters.TrainableCount);
        Assert.AreEqual(added, parameters.AddedCount);
        Assert.Contains("lora_A", parameters.ToTable());

        Assert.HasCount(6, model.FindIntruderDimensions().Weights);
        ForgettingReport forgetting = model.MeasureForgetting(EncoderSource.Default, ["The river flows through the old town and under two bridges."]);
        Assert.IsGreaterThan(0, forgetting.LossBefore);
        Assert.IsTrue(double.IsFinite(forgetting.Increase));

        model.SaveAdapter(folder.File("adapter"));
        CollectionAssert.AreEquivalent((string[])["adapter_config.json", "adapter_model.safetensors"], Directory.GetFiles(folder.File("adapter")).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void A_merged_model_scores_the_same_without_an_adapter()
    {
        using var folder = new TemporaryFolder();
        TextClassificationOptions options = Tiny.Options("lora", epochs: 2, encoder: EncoderSource.Default);
        options.SavedWeights = SavedWeights.AdapterOnly;
        options.Precision = Precision.Float32;
        using MulticlassTextClassificationTransformer model = Tiny.Fit(_ml, options, rows: 24);
        IDataView rows = Tiny.Load(_ml, Tiny.Make(24, seed: 2));
        float[][] expected = Tiny.Scores(model, rows);
        using TextClassificationTransformer merged = model.MergeAdapter();
        Assert.IsInstanceOfType<MulticlassTextClassificationTransformer>(merged);
        Assert.AreEqual(0, merged.DescribeParameters().AddedCount);
        AssertClose(expected, Tiny.Scores(merged, rows));
        Tiny.AssertSame(expected, Tiny.Scores(model, rows)); // it is as it was

        _ml.Model.Save(merged, rows.Schema, folder.File("merged.zip"));
        model.Dispose();
        using var loaded = (MulticlassTextClassificationTransformer)new MLContext().Model.Load(folder.File("merged.zip"), out _);
        AssertClose(expected, Tiny.Scores(loaded, rows));
        Assert.Contains("no adapter", Assert.ThrowsExactly<NotSupportedException>(() => loaded.MergeAdapter()).Message);
    }

    [TestMethod]
    [DataRow("lora(use_dora=true)")]
    [DataRow("adalora(target_rank=2, initial_rank=4)")]
    [DataRow("ia3")]
    [DataRow("vera(rank=16)")]
    [DataRow("vera(rank=16, save_projections=false) | oft | lokr | loha")]
    [DataRow("bitfit")] // biases of the base itself
    [DataRow("lora | ia3")]
    [DataRow("head")]
    public void Whatever_changes_weights_can_be_merged(string method)
    {
        TextClassificationOptions options = Tiny.Options(epochs: 1, encoder: Tiny.Encoder());
        options.Peft = PeftMethod.Parse(method);
        options.Training.LearningRate = 1e-2;
        using MulticlassTextClassificationTransformer model = Tiny.Fit(_ml, options, rows: 24);
        IDataView rows = Tiny.Load(_ml, Tiny.Make(24, seed: 2));
        using TextClassificationTransformer merged = model.MergeAdapter();
        Assert.AreEqual(0, merged.DescribeParameters().AddedCount);
        AssertClose(Tiny.Scores(model, rows), Tiny.Scores(merged, rows));
    }

    [TestMethod]
    public void A_merged_binary_model_stays_one()
    {
        var options = new TextClassificationOptions { LabelColumnName = "Label", Sentence1ColumnName = nameof(Judged.Text), Encoder = Tiny.Encoder(), Peft = new Lora(), Training = { Epochs = 1 } };
        IDataView rows = _ml.Data.LoadFromEnumerable(Tiny.Make(24).Select((row, i) => new Judged { Text = row.Text ?? "", Label = i % 2 == 0 }));
        using BinaryTextClassificationTransformer model = _ml.BinaryClassification.Trainers.FineTune(options).Fit(rows);
        using var merged = (BinaryTextClassificationTransformer)model.MergeAdapter();
        float[] expected = [.. model.Transform(rows).GetColumn<float>("Score")], actual = [.. merged.Transform(rows).GetColumn<float>("Score")];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 0.05f); // bfloat16 where the processor has it
    }

    private sealed class Judged
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }

    [TestMethod]
    public void What_is_no_change_of_weights_cannot_be_merged()
    {
        TextClassificationOptions options = Tiny.Options(epochs: 1);
        options.Peft = new BottleneckAdapter();
        using MulticlassTextClassificationTransformer model = Tiny.Fit(_ml, options, rows: 24);
        Assert.Contains("'bottleneck' cannot be merged", Assert.ThrowsExactly<NotSupportedException>(() => model.MergeAdapter()).Message);
    }

    private static void AssertClose(float[][] expected, float[][] actual)
    {
        foreach ((float one, float other) in expected.SelectMany(row => row).Zip(actual.SelectMany(row => row)))
            Assert.AreEqual(one, other, 1e-5f);
    }

    [TestMethod]
    public void A_model_that_was_trained_whole_has_no_adapter()
    {
        using var folder = new TemporaryFolder();
        using MulticlassTextClassificationTransformer model = Tiny.Fit(_ml, Tiny.Options(epochs: 1), rows: 24);
        Assert.Contains("no adapter", Assert.ThrowsExactly<NotSupportedException>(() => model.SaveAdapter(folder.File("adapter"))).Message);
        Assert.IsFalse(Directory.Exists(folder.File("adapter")));
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.DescribeParameters());
    }
}
