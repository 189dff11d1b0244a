using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Encoders;

/// <summary>Outputs, loss, gradients and optimiser steps equal those Hugging Face transformers gave for the same weights.</summary>
[TestClass]
public sealed class ParityTests
{
    private const double Tolerance = 1e-4;

    public static IEnumerable<object[]> FamiliesAndTasks() =>
        from family in EncoderFixtures.Families() from task in Tasks.Keys select new object[] { family, task };

    public static IEnumerable<object[]> Families() => EncoderFixtures.Families().Select(family => new object[] { family });

    private static readonly Dictionary<string, TextTask> Tasks = new()
    {
        ["sequence"] = TextTask.SequenceClassification,
        ["token"] = TextTask.TokenClassification,
        ["question"] = TextTask.QuestionAnswering,
        ["masked_lm"] = TextTask.MaskedLanguageModel,
    };

    [TestMethod]
    [DynamicData(nameof(FamiliesAndTasks))]
    public void Logits(string family, string task)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = ModelCheckpoint.Load(EncoderFixtures.Require(family, task), Tasks[task]);
        using SafetensorsFile expected = Expected(family);
        model.eval();
        using var _ = no_grad();

        Tensor logits = model.Forward(Input(expected, model.Encoder.Config));

        if (task == "question")
        {
            AssertClose(expected.Read("question.start_logits"), logits.select(-1, 0), Tolerance);
            AssertClose(expected.Read("question.end_logits"), logits.select(-1, 1), Tolerance);
        }
        else
            AssertClose(expected.Read($"{task}.logits"), logits, Tolerance);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void HiddenStates(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = ModelCheckpoint.Load(EncoderFixtures.Require(family, "sequence"), TextTask.SequenceClassification);
        using SafetensorsFile expected = Expected(family);
        model.eval();
        using var _ = no_grad();

        IReadOnlyList<Tensor> states = model.Encoder.Forward(Input(expected, model.Encoder.Config), allHiddenStates: true).HiddenStates;

        Assert.AreEqual(model.Encoder.Config.LayerCount + 1, states.Count);
        for (int i = 0; i < states.Count; i++)
            AssertClose(expected.Read($"hidden_states.{i}"), states[i], Tolerance);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void LossAndGradientNorm(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = ModelCheckpoint.Load(EncoderFixtures.Require(family, "sequence"), TextTask.SequenceClassification);
        using SafetensorsFile expected = Expected(family);
        model.eval();

        Tensor loss = nn.functional.cross_entropy(model.Forward(Input(expected, model.Encoder.Config)), expected.Read("labels"));
        loss.backward();
        double norm = Math.Sqrt(model.parameters().Where(p => p.grad is not null).Sum(p => Math.Pow(p.grad!.norm().item<float>(), 2)));

        Assert.AreEqual(expected.Read("sequence.loss").item<float>(), loss.item<float>(), Tolerance);
        double expectedNorm = expected.Read("sequence.grad_norm").item<float>();
        Assert.AreEqual(expectedNorm, norm, 1e-3 * expectedNorm);
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void TenOptimizerSteps(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = ModelCheckpoint.Load(EncoderFixtures.Require(family, "sequence"), TextTask.SequenceClassification);
        using SafetensorsFile expected = Expected(family);
        model.eval();
        var optimizer = optim.AdamW(model.parameters(), lr: 1e-3, weight_decay: 0.01);
        EncoderInput input = Input(expected, model.Encoder.Config);
        Tensor labels = expected.Read("labels");
        float[] losses = [.. expected.Read("sequence.adamw_losses").data<float>()];

        foreach (float expectedLoss in losses)
        {
            optimizer.zero_grad();
            Tensor loss = nn.functional.cross_entropy(model.Forward(input), labels);
            loss.backward();
            nn.utils.clip_grad_norm_(model.parameters(), 1.0);
            optimizer.step();
            Assert.AreEqual(expectedLoss, loss.item<float>(), 1e-3);
        }
    }

    private static SafetensorsFile Expected(string family) => SafetensorsFile.Open(EncoderFixtures.Require(family, "expected.safetensors"));

    /// <summary>The reference inputs as they are, padding and all.</summary>
    private static EncoderInput Input(SafetensorsFile expected, EncoderConfig config)
    {
        Tensor ids = expected.Read("input_ids");
        Tensor? types = expected.Tensors.ContainsKey("token_type_ids") ? expected.Read("token_type_ids") : null;
        Tensor? positions = null;
        if (config.PositionOffset > 0)
        {
            Tensor present = ids.ne(config.PadId).to(ScalarType.Int64);
            positions = present.cumsum(1) * present + config.PadId;
        }
        return new EncoderInput(ids, expected.Read("attention_mask").to(ScalarType.Bool), types, positions);
    }

    /// <summary>Rows of different lengths, as user texts come, give what the padded reference batch gave.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    public void RowsPaddedByUsEqualTheReference(string family)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = ModelCheckpoint.Load(EncoderFixtures.Require(family, "sequence"), TextTask.SequenceClassification);
        using SafetensorsFile expected = Expected(family);
        Tensor ids = expected.Read("input_ids"), mask = expected.Read("attention_mask");
        Tensor? types = expected.Tensors.ContainsKey("token_type_ids") ? expected.Read("token_type_ids") : null;
        int[][] Rows(Tensor values) => [.. Enumerable.Range(0, (int)ids.size(0)).Select(r =>
            values[r].data<long>().ToArray().Zip(mask[r].data<long>().ToArray()).Where(p => p.Second == 1).Select(p => (int)p.First).ToArray())];
        model.eval();
        using var _ = no_grad();

        Tensor logits = model.Forward(EncoderInput.Create(Rows(ids), types is null ? null : Rows(types), model.Encoder.Config, CPU));

        AssertClose(expected.Read("sequence.logits"), logits, Tolerance);
    }

    internal static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        Assert.IsLessThanOrEqualTo(tolerance, (expected - actual).abs().max().item<float>());
    }
}
