using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Heads;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>A batch after the encoder's pass, as the losses see it.</summary>
/// <param name="pooling">How the encoder's token vectors become a text's.</param>
internal sealed class EncodedBatch(PoolingModes pooling)
{
    private Tensor? _embeddings;

    /// <summary>The tokens of whole texts, nothing hidden: anchors, then their positives in the same order.</summary>
    public required int[][] Texts { get; init; }

    /// <summary>How many of the texts are anchors.</summary>
    public required int AnchorCount { get; init; }

    /// <summary>For each anchor, the places that were chosen for prediction, and what stands there; empty when nothing is masked.</summary>
    public required IReadOnlyList<List<(int Position, int Id)>> Targets { get; init; }

    public required IReadOnlyList<EncodedStretch> Stretches { get; init; }

    /// <summary>What the teacher made of the texts; null without distillation.</summary>
    public TeacherOutput? Teacher { get; init; }

    /// <summary>The embeddings of all texts in their order, float32 [texts, hidden].</summary>
    public Tensor Embeddings => _embeddings ??= EncodedStretch.InOrder(
        [.. Stretches.Select(stretch => pooling.Pool(stretch.Output, stretch.Input))], [.. Stretches.Select(stretch => stretch.Texts)]);
}
