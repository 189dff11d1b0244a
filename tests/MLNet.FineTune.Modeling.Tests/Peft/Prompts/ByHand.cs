using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>What prompts are compared with: the same written out.</summary>
internal static class ByHand
{
    /// <summary>Words that stand for a prompt.</summary>
    public static readonly int[] Words = [31, 6, 17, 6, 22];

    /// <summary>A prompt of the embeddings of <see cref="Words"/>.</summary>
    public static PeftMethod Prompt => new PromptTuning { Length = Words.Length, Initialization = PromptInitialization.Text, InitialTokens = Words };

    /// <summary>The same words as the beginning of every row, of the first segment.</summary>
    public static EncoderInput WithWords(int[][] rows, int[][]? segments, EncoderConfig config) =>
        EncoderInput.Create([.. rows.Select(row => (int[])[.. Words, .. row])], segments is null ? null : [.. segments.Select(row => (int[])[.. new int[Words.Length], .. row])], config, CPU);

    /// <summary>The last hidden states of one unpadded row below a prefix: plain attention over the keys and values of both.</summary>
    /// <param name="model">The model, without adapter.</param>
    /// <param name="ids">The row.</param>
    /// <param name="table">The prefix, [length, layers · 2 · hidden].</param>
    /// <param name="shift">How far the positions of the text move up.</param>
    public static Tensor BelowPrefix(TaskModel model, int[] ids, Tensor table, int shift)
    {
        TransformerEncoder encoder = model.Encoder;
        EncoderConfig config = encoder.Config;
        int hidden = config.HiddenSize, size = config.HeadSize, length = ids.Length;
        Tensor? positions = config.PositionRows == 0 ? null : tensor([.. Enumerable.Range(config.PositionOffset + shift, length).Select(position => (long)position)]).unsqueeze(0);
        Tensor states = encoder.Embeddings.Forward(new EncoderInput(tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0), positions: positions)).Hidden;
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            TransformerLayer part = encoder.Layers[config.PhysicalLayer(layer)];
            Tensor keys = table.narrow(1, 2L * layer * hidden, hidden), values = table.narrow(1, (2L * layer + 1) * hidden, hidden);
            Tensor query = part.Attention.Query.Forward(states)[0], key = part.Attention.Key.Forward(states)[0], value = part.Attention.Value.Forward(states)[0];
            var heads = new List<Tensor>();
            for (int head = 0; head < config.HeadCount; head++)
            {
                Tensor Of(Tensor x) => x.narrow(1, head * size, size);
                Tensor scores = cat([Of(query).matmul(Of(keys).t()), Of(query).matmul(Of(key).t())], 1).Div(Math.Sqrt(size));
                heads.Add(nn.functional.softmax(scores, -1).matmul(cat([Of(values), Of(value)], 0)));
            }
            Tensor attended = part.AttentionNorm.Forward(part.Attention.Output.Forward(cat(heads, 1)).Add(states[0]));
            Tensor inner = part.FeedForwardOut.Forward(config.Activation.Apply(part.FeedForwardIn.Forward(attended)));
            states = part.FeedForwardNorm.Forward(inner.Add(attended)).unsqueeze(0);
        }
        return states;
    }

    public static void AssertClose(Tensor expected, Tensor actual, double tolerance = 1e-5)
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape);
        Assert.IsLessThanOrEqualTo(tolerance * Math.Max(1, expected.abs().max().item<float>()), (expected - actual).abs().max().item<float>());
    }

    /// <summary>As training would, but in every number and at once.</summary>
    public static void Move(PeftAdapter adapter, double by = 0.2)
    {
        using var _ = no_grad();
        foreach (AdapterParameter parameter in adapter.Trainable)
            parameter.Parameter.Add_(randn_like(parameter.Parameter).Mul(by));
        adapter.Model.WeightsChanged();
    }
}
