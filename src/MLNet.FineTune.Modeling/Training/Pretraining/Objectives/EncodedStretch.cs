using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>Texts of similar length that went through an encoder together, so that hardly anything of what is computed is padding.</summary>
/// <param name="Texts">Their numbers in the batch, in the order of their rows here.</param>
/// <param name="Input">What the encoder read.</param>
/// <param name="Output">What it gave.</param>
internal sealed record EncodedStretch(int[] Texts, EncoderInput Input, EncoderOutput Output)
{
    private const int TextsAtOnce = 64;

    /// <summary>Runs an encoder over texts, stretch by stretch.</summary>
    public static List<EncodedStretch> Encode(TransformerEncoder encoder, IReadOnlyList<int[]> texts, bool allHiddenStates)
    {
        var stretches = new List<EncodedStretch>();
        foreach (int[] stretch in Divide(texts))
        {
            EncoderInput input = EncoderInput.Create([.. stretch.Select(text => texts[text])], null, encoder.Config, encoder.Config.Device);
            stretches.Add(new EncodedStretch(stretch, input, encoder.Forward(input, allHiddenStates)));
        }
        return stretches;
    }

    /// <summary>The numbers of the texts, sorted by length and cut into stretches. Depends on the lengths only.</summary>
    public static int[][] Divide(IReadOnlyList<int[]> texts) => [.. Enumerable.Range(0, texts.Count).OrderBy(text => texts[text].Length).Chunk(TextsAtOnce)];

    /// <summary>Puts rows of stretches, one for each text, into the order of the texts.</summary>
    public static Tensor InOrder(List<Tensor> rows, int[][] stretches)
    {
        int[] order = [.. stretches.SelectMany(texts => texts)];
        var inverse = new long[order.Length];
        for (int i = 0; i < order.Length; i++)
            inverse[order[i]] = i;
        return cat(rows).index_select(0, tensor(inverse, device: rows[0].device));
    }
}
