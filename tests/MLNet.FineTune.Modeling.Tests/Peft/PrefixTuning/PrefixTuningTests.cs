using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class PrefixTuningTests
{
    private const int Length = 3;

    private static PrefixTuning Direct => new() { Length = Length, Projection = false };

    /// <summary>Layers that share weights have prefixes of their own; positions move where Python's do.</summary>
    [TestMethod]
    [DataRow("bert", Length)]
    [DataRow("roberta", Length)]
    [DataRow("xlm-roberta", Length)]
    [DataRow("electra", Length)]
    [DataRow("distilbert", 0)]
    [DataRow("albert", 0)]
    public void TheTextAttendsToPrefixAndText(string family, int shift)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model(family);
        int[] row = TinyEncoder.Rows(4, 7)[0];
        using PeftAdapter adapter = PeftAdapter.Attach(model, Direct);
        Tensor actual = model.Encoder.Forward(EncoderInput.Create([row], null, model.Encoder.Config, CPU)).LastHidden;
        adapter.Active = false;

        ByHand.AssertClose(ByHand.BelowPrefix(model, row, adapter.Own.Single().Parameter, shift), actual);
    }

    /// <summary>Where attention sees relative positions, a prefix has none: one of keys that no query meets changes nothing.</summary>
    [TestMethod]
    [DataRow("mpnet")]
    [DataRow("deberta-v2")]
    [DataRow("albert")]
    public void APrefixThatIsNotAttendedToChangesNothing(string family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, Direct);
        // All queries are alike in one number, and the keys are far off against it.
        foreach (TransformerLayer layer in model.Encoder.Layers)
            for (int head = 0; head < model.Encoder.Config.HeadCount; head++)
            {
                long at = head * model.Encoder.Config.HeadSize;
                layer.Attention.Query.Weight[at].zero_();
                layer.Attention.Query.Bias[at] = 1;
            }
        model.WeightsChanged();
        adapter.Active = false;
        float[] unchanged = TinyEncoder.Logits(model);
        adapter.Active = true;
        EncoderConfig config = model.Encoder.Config;
        Tensor keys = adapter.Own.Single().Parameter.view(Length, config.LayerCount, 2, config.HeadCount, config.HeadSize).select(2, 0);
        keys.zero_();
        keys.select(-1, 0).fill_(-1e4);

        float[] logits = TinyEncoder.Logits(model);

        for (int i = 0; i < logits.Length; i++)
            Assert.AreEqual(unchanged[i], logits[i], 1e-5f * Math.Max(1, Math.Abs(unchanged[i])));
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void WhatStandsBesideARowInABatchChangesNothing(string family)
    {
        foreach (PoolingMode pooling in Enum.GetValues<PoolingMode>())
        {
            using TaskModel model = TinyEncoder.Model(family, pooling: pooling);
            using PeftAdapter adapter = PeftAdapter.Attach(model, Direct);
            EncoderConfig config = model.Encoder.Config;
            int[][] rows = TinyEncoder.Rows(3, 9, 2, 12, 17), segments = TinyEncoder.Segments(rows);
            float[] together = TinyEncoder.Logits(model, EncoderInput.Create(rows, segments, config, CPU));
            for (int row = 0; row < rows.Length; row++)
            {
                float[] alone = TinyEncoder.Logits(model, EncoderInput.Create([rows[row]], [segments[row]], config, CPU));
                for (int i = 0; i < TinyEncoder.Classes; i++)
                    Assert.AreEqual(alone[i], together[TinyEncoder.Classes * row + i], 1e-5f * Math.Max(1, Math.Abs(alone[i])), $"{pooling}, row {row}");
            }
        }
    }

    /// <summary>In one layer, a prefix of the keys and values of words is those words before the text.</summary>
    [TestMethod]
    [DataRow("bert")]
    [DataRow("roberta")]
    [DataRow("electra")]
    public void APrefixOfWordsIsTheWordsBeforeTheText(string family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json(family), ("num_hidden_layers", 1)));
        EncoderConfig config = model.Encoder.Config;
        int[] row = TinyEncoder.Rows(4, 7)[0];
        manual_seed(7);
        int[] words = [.. randint(config.VocabularySize, Length, ScalarType.Int64).data<long>().Select(id => (int)id)];
        Tensor expected = model.Encoder.Forward(EncoderInput.Create([[.. words, .. row]], null, config, CPU)).LastHidden.narrow(1, Length, row.Length);

        manual_seed(7);
        using PeftAdapter adapter = PeftAdapter.Attach(model, Direct with { Initialization = PromptInitialization.Vocabulary });
        ByHand.AssertClose(expected, model.Encoder.Forward(EncoderInput.Create([row], null, config, CPU)).LastHidden);
    }

    [TestMethod]
    [DataRow("bert")]
    [DataRow("albert")]
    public void FinishLeavesTheTableAlone(string family)
    {
        using TaskModel model = TinyEncoder.Model(family);
        PeftAdapter adapter = PeftAdapter.Attach(model, new PrefixTuning { Length = Length, ProjectionHiddenSize = 8, Dropout = 0.5f });
        Trainee.Train(adapter, steps: 2);
        float[] expected = TinyEncoder.Logits(model);
        Assert.IsNull(AdapterFiles.Config(adapter), "an adapter in training is none of peft's");

        using PeftAdapter finished = adapter.Finish();

        float[] logits = TinyEncoder.Logits(model);
        for (int i = 0; i < logits.Length; i++)
            Assert.AreEqual(expected[i], logits[i], 1e-5f * Math.Max(1, Math.Abs(expected[i])));
        Assert.AreEqual(Length * 2 * model.Encoder.Config.LayerCount * model.Encoder.Config.HiddenSize, finished.Own.Sum(p => p.Parameter.numel()));
        Assert.AreSame(finished, finished.Finish());
        Assert.AreEqual(finished.Method, PeftMethods.FromJson(JsonNode.Parse(PeftMethods.ToJson(finished.Method).ToJsonString())!.AsObject()), "the saved method builds the table again");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void OnlyChosenLayersHaveAPrefix(bool projection)
    {
        using TaskModel model = TinyEncoder.Model("distilbert");
        EncoderInput input = EncoderInput.Create(TinyEncoder.Rows(4, 7), null, model.Encoder.Config, CPU);
        using var scope = NewDisposeScope();
        Tensor[] before = [.. model.Encoder.Forward(input, allHiddenStates: true).HiddenStates];
        PeftAdapter adapter = PeftAdapter.Attach(model, Direct with { Layers = [1], Projection = projection, ProjectionHiddenSize = 8 });
        Trainee.Train(adapter, steps: 2);
        Tensor[] after = [.. model.Encoder.Forward(input, allHiddenStates: true).HiddenStates];
        float[] expected = TinyEncoder.Logits(model);

        using PeftAdapter finished = adapter.Finish();

        Assert.AreEqual(Length * 2 * model.Encoder.Config.HiddenSize, finished.Own.Sum(p => p.Parameter.numel()));
        Assert.AreEqual(0, (before[1] - after[1]).abs().max().item<float>(), "the first layer gives what it gave");
        Assert.AreNotEqual(0, (before[2] - after[2]).abs().max().item<float>());
        Assert.IsNull(AdapterFiles.Config(finished), "peft's prefixes are those of all layers");
        float[] logits = TinyEncoder.Logits(model);
        for (int i = 0; i < logits.Length; i++)
            Assert.AreEqual(expected[i], logits[i], 1e-5f * Math.Max(1, Math.Abs(expected[i])));
    }

    [TestMethod]
    public void LayersMustBeThere()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, Direct with { Layers = [99] }));
        StringAssert.Contains(e.Message, "PrefixTuning.Layers is [99]");
    }

    /// <summary>No layer below a prefix can be computed once for all.</summary>
    [TestMethod]
    [DataRow("bert", -1)]
    [DataRow("mpnet", 0)]
    public void WhatStaysTheSameIsKnown(string family, int frozen)
    {
        using TaskModel model = TinyEncoder.Model(family);
        using PeftAdapter adapter = PeftAdapter.Attach(model, Direct);
        Assert.AreEqual(frozen, adapter.FrozenLayers);
    }

    [TestMethod]
    public void DropoutIsForTrainingOnly()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        using PeftAdapter adapter = PeftAdapter.Attach(model, Direct with { Dropout = 0.5f });
        float[] scored = TinyEncoder.Logits(model);
        CollectionAssert.AreEqual(scored, TinyEncoder.Logits(model));
        adapter.Train(true);
        CollectionAssert.AreNotEqual(TinyEncoder.Logits(model), TinyEncoder.Logits(model));
        adapter.Train(false);
        CollectionAssert.AreEqual(scored, TinyEncoder.Logits(model));
    }

    [TestMethod]
    public void ActivationsMayBeBFloat16()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (PeftMethod method in (PeftMethod[])[Direct, new PrefixTuning { Length = Length }])
        {
            using TaskModel model = TinyEncoder.Model("bert");
            using PeftAdapter adapter = PeftAdapter.Attach(model, method);
            using EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
            Tensor states = model.Encoder.Forward(input).LastHidden;
            model.Encoder.ComputeType = ScalarType.BFloat16;
            Tensor rounded = model.Encoder.Forward(input).LastHidden;
            Assert.AreEqual(ScalarType.BFloat16, rounded.dtype);
            Assert.IsLessThan(0.03, ((states - rounded.to(ScalarType.Float32)).norm() / states.norm()).item<float>());
        }
    }

    [TestMethod]
    public void TextAndPrefixShareTheLongestInput()
    {
        using TaskModel model = TinyEncoder.Model("bert");
        EncoderConfig config = model.Encoder.Config;
        using PeftAdapter adapter = PeftAdapter.Attach(model, Direct);
        TinyEncoder.Logits(model, EncoderInput.Create(TinyEncoder.Rows(1, config.MaxLength - Length), null, config, CPU));
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => TinyEncoder.Logits(model, EncoderInput.Create(TinyEncoder.Rows(1, config.MaxLength - Length + 1), null, config, CPU)));
        StringAssert.Contains(e.Message, "18 tokens");
        StringAssert.Contains(e.Message, "at most 20");
    }

    [TestMethod]
    [DataRow(0, 512, 0f, "Length is 0")]
    [DataRow(5, 0, 0f, "ProjectionHiddenSize is 0")]
    [DataRow(5, 512, 1f, "Dropout is 1")]
    [DataRow(20, 512, 0f, "Length is 20, which leaves none of the 20 tokens")]
    public void OptionsOutOfRangeAreNamed(int length, int hidden, float dropout, string expected)
    {
        using TaskModel model = TinyEncoder.Model("bert");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(
            () => PeftAdapter.Attach(model, new PrefixTuning { Length = length, ProjectionHiddenSize = hidden, Dropout = dropout })).Message, expected);
    }

    [TestMethod]
    public void ANetworkCannotBeginAsWords() => StringAssert.Contains(
        Assert.ThrowsExactly<ArgumentException>(() => new PrefixTuning { Initialization = PromptInitialization.Vocabulary }.Validate()).Message, "Projection");
}
