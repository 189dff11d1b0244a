using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Heads;

[TestClass]
public sealed class HeadTests
{
    /// <summary>The dense layer was trained for the first token: other poolings go straight to the classifier.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void OnlyTheFirstTokenPassesTheDenseLayer(string family)
    {
        using TaskModel cls = TinyEncoder.Model(family, pooling: PoolingMode.Cls), mean = TinyEncoder.Model(family, pooling: PoolingMode.Mean);
        Assert.IsNotNull(((SequenceHead)cls.Head).Dense);
        Assert.IsNull(((SequenceHead)mean.Head).Dense);
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void ShapesOfTheLogits(string family)
    {
        foreach ((TextTask task, long[] shape) in new[]
                 {
                     (TextTask.SequenceClassification, new long[] { 4, 3 }), (TextTask.TokenClassification, [4, 12, 3]),
                     (TextTask.QuestionAnswering, [4, 12, 2]), (TextTask.MaskedLanguageModel, [4, 12, TinyEncoder.Vocabulary]),
                 })
        {
            using var scope = NewDisposeScope();
            using TaskModel model = TinyEncoder.Model(TinyEncoder.Json(family), task: task);
            model.Encoder.ComputeType = ScalarType.BFloat16;
            Tensor logits = model.Forward(TinyEncoder.Input(model.Encoder.Config));
            CollectionAssert.AreEqual(shape, logits.shape, $"{task}");
            Assert.AreEqual(ScalarType.Float32, logits.dtype, $"{task}: heads compute in float32");
        }
    }

    [TestMethod]
    public void AFreshHeadIsSmallAndWithoutBias()
    {
        using var scope = NewDisposeScope();
        (var family, EncoderConfig config) = TinyEncoder.Read(TinyEncoder.With(TinyEncoder.Json("bert"), ("initializer_range", 0.05)));
        using var encoder = new TransformerEncoder(config);
        manual_seed(1);
        using Head head = HeadFactory.Create(family, encoder, TextTask.SequenceClassification, new(400));
        Assert.AreEqual(0.05, head.get_parameter("output.weight")!.std().item<float>(), 0.002);
        Assert.AreEqual(0f, head.get_parameter("output.bias")!.abs().max().item<float>());
    }

    /// <summary>The output matrix of the masked-language-model head is the word table itself: one change shows in both.</summary>
    [TestMethod]
    public void TheMaskedHeadSharesTheWordEmbeddings()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.Json("bert"), task: TextTask.MaskedLanguageModel);
        nn.functional.cross_entropy(model.Forward(TinyEncoder.Input(model.Encoder.Config)).flatten(0, 1), zeros(48, ScalarType.Int64)).backward();
        // A token that no row holds has a gradient only through the output.
        Assert.IsGreaterThan(0f, model.Encoder.Embeddings.Word.Weight.grad![1].abs().max().item<float>());
        Assert.IsFalse(model.named_parameters().Any(p => p.name.Contains("decoder", StringComparison.Ordinal)));
    }

    /// <summary>DeBERTa's pooler has a dropout of its own, 0 where none is stated; the classifier's comes after it.</summary>
    [TestMethod]
    [DataRow("deberta-v2", null, 0.0)]
    [DataRow("deberta-v2", 0.5, 0.5)]
    [DataRow("roberta", null, 0.4)]
    [DataRow("bert", null, 0.0)]
    public void DropoutBeforeTheDenseLayer(string family, double? pooler, double expected)
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json(family), ("cls_dropout", 0.4), ("classifier_dropout", 0.4), ("pooler_dropout", pooler)));
        var head = (SequenceHead)model.Head;
        using var _ = no_grad();
        head.train();
        manual_seed(1);
        using var probe = new Probe();
        head.Dense!.Site.Place(probe);
        head.Classify(ones(400, 16));
        Assert.AreEqual(expected, probe.Seen!.Eq(0).sum().item<long>() / (400 * 16.0), 0.03);
    }

    private sealed class Probe() : LinearAdapter("probe")
    {
        public Tensor? Seen { get; private set; }

        public override Tensor AdaptInput(Tensor input) => Seen = input;
    }

    [TestMethod]
    public void ClassifierDropoutActsInTrainingOnly()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.With(TinyEncoder.Json("bert"), ("classifier_dropout", 0.5)));
        CollectionAssert.AreEqual(TinyEncoder.Logits(model), TinyEncoder.Logits(model));
        model.Head.train();
        CollectionAssert.AreNotEqual(TinyEncoder.Logits(model), TinyEncoder.Logits(model));
    }
}
