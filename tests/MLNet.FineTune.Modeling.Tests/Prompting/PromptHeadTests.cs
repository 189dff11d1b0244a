using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Prompting;
using MLNet.FineTune.Tests.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Prompting;

[TestClass]
public sealed class PromptHeadTests
{
    private const int Mask = 4;
    private static readonly int[][] Words = [[7], [9, 30, 12], [5, 8]];

    /// <summary>The mean of the logits of a class's words among those of the whole vocabulary, at the mask.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void LogitsAreThoseOfTheHeadForHiddenWords(string family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel whole = TinyEncoder.Model(TinyEncoder.Json(family), task: TextTask.MaskedLanguageModel);
        (EncoderFamily of, EncoderConfig config) = TinyEncoder.Read(TinyEncoder.Json(family));
        var encoder = new TransformerEncoder(config);
        var layout = new ClassifierLayout(Words.Length, Prompt: new PromptLayout(Mask, Words));
        using var model = new TaskModel(of, encoder, HeadFactory.Create(of, encoder, layout.Task, layout), layout.Task);
        foreach (var (ours, theirs) in model.named_parameters().Zip(whole.named_parameters()))
        {
            Assert.AreEqual(theirs.name, ours.name);
            ours.parameter.copy_(theirs.parameter);
        }
        model.eval();

        int[][] rows = TinyEncoder.Rows(3, 9, 4, 12, 7);
        int[] masks = [3, 1, 11, 0];
        for (int row = 0; row < rows.Length; row++)
            rows[row][masks[row]] = Mask;
        using EncoderInput input = EncoderInput.Create(rows, null, config, CPU);
        float[,,] all = Array(whole.Forward(input));
        float[] logits = [.. model.Forward(input).data<float>()];
        for (int row = 0; row < rows.Length; row++)
            for (int label = 0; label < Words.Length; label++)
                Assert.AreEqual(Words[label].Average(word => all[row, masks[row], word]), logits[row * Words.Length + label], 1e-4, $"row {row}, class {label}");
    }

    private static float[,,] Array(Tensor x)
    {
        var values = new float[x.size(0), x.size(1), x.size(2)];
        float[] flat = [.. x.data<float>()];
        Buffer.BlockCopy(flat, 0, values, 0, flat.Length * sizeof(float));
        return values;
    }
}
