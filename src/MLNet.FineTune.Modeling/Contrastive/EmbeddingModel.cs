using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>A classifier's encoder as a model of embeddings: those that its linear layer sees.</summary>
/// <param name="adapter">The adapter on the classifier.</param>
/// <param name="frozen">Keeps the outputs of the lowest layers while the adapter trains; null to compute all layers.</param>
internal sealed class EmbeddingModel(PeftAdapter adapter, FrozenLayerModel? frozen = null)
{
    private readonly SequenceHead _head = (SequenceHead)adapter.Model.Head;

    public TrainingMode Mode { get; } = new(adapter.Model, adapter);

    /// <summary>The embeddings of some texts, float32 [rows, width], with their gradients.</summary>
    public Tensor Embed(TextBatches texts, int[] rows)
    {
        if (frozen is not null)
            return frozen.Embed(texts, rows);
        using EncoderInput input = texts.Input(rows);
        return _head.Embed(adapter.Model.Encode(input), input);
    }

    /// <summary>The embeddings of all texts, for a model in evaluation mode.</summary>
    public EmbeddedTexts Embed(EncodedTexts texts, FineTuneTask task)
    {
        int width = _head.Width;
        var values = new float[texts.Count * width];
        texts.Batches.Score(rows => Embed(texts.Batches, rows), task.Training.BatchSize, values, task.CheckAlive);
        return new EmbeddedTexts(values, width, texts, task.ClassCount);
    }

    public void SetHead(LinearHead head)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in _head.Output.named_parameters())
            parameter.copy_(tensor(name == "bias" ? head.Bias : head.Weight).reshape(parameter.shape));
        adapter.Model.WeightsChanged();
    }
}
