using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Heads;

[TestClass]
public sealed class MaskedLanguageModelHeadTests
{
    /// <summary>Training predicts hidden tokens alone; each must be predicted as among all others.</summary>
    [TestMethod]
    [DataRow("bert")]
    [DataRow("electra")]
    public void Chosen_positions_are_predicted_as_all_are(string family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.Json(family), task: TextTask.MaskedLanguageModel);
        var head = (MaskedLanguageModelHead)model.Head;
        EncoderInput input = TinyEncoder.Input(model.Encoder.Config);
        EncoderOutput output = model.Encoder.Forward(input);
        Tensor positions = tensor(new long[] { 40, 0, 17, 3, 17 });
        Tensor expected = head.Forward(output, input).flatten(0, 1).index_select(0, positions), chosen = output.LastHidden.flatten(0, 1).index_select(0, positions);
        float scale = expected.abs().max().item<float>();

        Assert.AreEqual(0, (head.Predict(chosen) - expected).abs().max().item<float>(), 1e-6 * scale);
        Tensor half = head.Predict(chosen.to(ScalarType.BFloat16));
        Assert.AreEqual(ScalarType.Float32, half.dtype);
        // Eight bits of mantissa, and sums of few terms.
        float error = (half - expected).abs().max().item<float>();
        Assert.IsTrue(error > 0 && error < 0.05 * scale, $"error {error} of {scale}; products in bfloat16 differ a little");
    }
}
