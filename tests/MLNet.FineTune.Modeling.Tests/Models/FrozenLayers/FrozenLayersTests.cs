using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Models;

[TestClass]
public sealed class FrozenLayersTests
{
    private static readonly PeftMethod LastLayer = new Lora { Layers = [3], Dropout = 0.1f };

    public static IEnumerable<object[]> Methods => [[LastLayer], [new HeadOnly()]];

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void LossesAreEqualWithAndWithoutKeptStates(PeftMethod method)
    {
        (List<double> Losses, List<double> Metrics) Run(int megabytes)
        {
            var losses = new List<double>();
            var metrics = new List<double>();
            TrainingOptions options = TinyTexts.Options(epochs: 5);
            options.ValidationFraction = 0.2;
            options.ValidationMetric = ValidationMetric.LogLoss;
            options.FrozenStateMegabytes = megabytes;
            options.Progress = new Report(progress =>
            {
                losses.Add(progress.Loss);
                metrics.Add(progress.ValidationMetric ?? 0);
            });
            using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(method, options, Deep()));
            return (losses, metrics);
        }

        (List<double> Losses, List<double> Metrics) computed = Run(0), kept = Run(100);
        // Bit for bit in the first epoch. Later a text keeps the states it had in its first batch, and in other company the last bit of a sum may differ.
        CollectionAssert.AreEqual(computed.Losses[..10], kept.Losses[..10]);
        foreach ((double expected, double actual) in computed.Losses.Concat(computed.Metrics).Zip(kept.Losses.Concat(kept.Metrics)))
            Assert.AreEqual(expected, actual, 1e-5);
    }

    [TestMethod]
    public void FitsOfOneEncoderShareStates()
    {
        using var folder = new TemporaryFolder();
        TinyTexts.WriteCheckpoint(folder.Path);
        using var states = new HiddenStateCaches(1 << 20);
        float[] Scores(PeftMethod method)
        {
            using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(method, encoder: EncoderSource.FromDirectory(folder.Path)) with { FrozenStates = states });
            return TinyTexts.Scores(classifier, TinyTexts.Test.Inputs);
        }

        float[] first = Scores(new HeadOnly());
        HiddenStateCache cache = states.At(2, allStates: false, firstOnly: true);
        int texts = TinyTexts.Train.Inputs.Select(input => input.Text).Distinct().Count();
        Assert.AreEqual(texts, cache.Count);
        long hits = cache.Hits;
        CollectionAssert.AreEqual(first, Scores(new HeadOnly()));
        Assert.AreEqual(texts, cache.Count);
        Assert.AreEqual(2 * TinyTexts.Train.Labels.Length, cache.Hits - hits, "both epochs read all rows");
        Scores(new Lora { Layers = [1] });
        Assert.AreEqual(texts, states.At(1, allStates: false, firstOnly: false).Count, "another depth is kept beside");
    }

    /// <summary>As a training needs that goes on from a checkpoint: it meets texts in other company than the one that was cut off.</summary>
    [TestMethod]
    public void StatesComputedAloneAreTheSameInAnyCompany()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, new Lora { Layers = [1] });
        Encoding[] texts = [.. Enumerable.Range(0, 9).Select(i => new Encoding([.. Enumerable.Range(5 + i, 3 + i)], new int[3 + i]))];
        var batches = new TextBatches(texts, model.Encoder.Config);
        byte[] States(params int[] company)
        {
            using var states = new HiddenStateCaches(1 << 20, alone: true);
            using var inner = TorchSharp.torch.NewDisposeScope();
            new TrainingMode(model, adapter).Train();
            FrozenLayerModel.Create(adapter, states)!.Forward(batches, company);
            var bytes = new byte[texts[4].Ids.Length * model.Encoder.Config.HiddenSize * sizeof(float)];
            states.At(adapter.FrozenLayers, allStates: false, firstOnly: false).Read(texts[4], 0, bytes.Length, bytes);
            return bytes;
        }

        byte[] expected = States(4);
        CollectionAssert.AreEqual(expected, States(0, 1, 2, 3, 4, 5, 6, 7, 8));
        CollectionAssert.AreEqual(expected, States(4, 8, 4));
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void GoingOnFromKeptStatesIsThePlainForwardPass(string family)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var frozen = TorchSharp.torch.no_grad();
        using TaskModel model = TinyEncoder.Model(family);
        using var input = TinyEncoder.Input(model.Encoder.Config);
        float[] expected = TinyEncoder.Logits(model);
        bool firstOnly = model.Head.ReadsFirstOnly;
        Assert.IsTrue(firstOnly);
        for (int layers = 0; layers <= model.Encoder.Config.LayerCount; layers++)
        {
            IReadOnlyList<TorchSharp.torch.Tensor> all = model.Encoder.Lower(input, layers), last = model.Encoder.Lower(input, layers, allStates: false, firstOnly);
            Assert.HasCount(layers + 1, all);
            Assert.HasCount(1, last);
            Assert.AreEqual(layers == model.Encoder.Config.LayerCount ? 1 : 12, last[0].size(1));
            CollectionAssert.AreEqual(expected, model.Head.Forward(model.Encoder.Upper(input, last, layers, firstOnly), input).data<float>().ToArray(), $"{layers} layers");
        }
    }

    private static EncoderSource Deep() => EncoderSource.FromScratch(
        new ScratchEncoderOptions { LayerCount = 4, HiddenSize = 64, HeadCount = 2, IntermediateSize = 128, MaxLength = 24, VocabularySize = 200, Dropout = 0.1 });

    private sealed class Report(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => action(value);
    }
}
