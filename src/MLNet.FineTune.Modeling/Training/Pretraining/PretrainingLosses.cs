using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;

namespace MLNet.FineTune.Pretraining;

/// <summary>The losses that the options ask for, and what is trained for them besides the encoder.</summary>
internal sealed class PretrainingLosses : IDisposable
{
    private readonly List<IPretrainingLoss> _losses = [];
    private readonly TaskModel _model;

    public PretrainingLosses(PretrainingOptions options, TaskModel model, PoolingModes pooling, DistillationTeacher? teacher)
    {
        _model = model;
        TransformerEncoder encoder = model.Encoder;
        if (options.MaskedLanguageModeling is { } mlm)
            _losses.Add(new MaskedTokenLoss((MaskedLanguageModelHead)model.Head, mlm.Weight));
        if (options.Contrastive is { } contrastive)
            _losses.Add(new InBatchContrastiveLoss(contrastive.Temperature, contrastive.Weight));
        if (options.BagOfWords is { } bagOfWords)
            _losses.Add(new BagOfWordsLoss(new BagOfWordsHead(encoder), encoder.ComputeType, bagOfWords));
        if (options.Distillation is { HiddenWeight: > 0 } hidden)
            _losses.Add(new HiddenStateDistillation(hidden.HiddenMatch, hidden.HiddenWeight, encoder.Config, teacher!.Config));
        if (options.Distillation is { EmbeddingWeight: > 0 } embedding)
            _losses.Add(new EmbeddingDistillation(embedding.EmbeddingMatch, embedding.EmbeddingWeight, pooling.Width(encoder.Config.HiddenSize), teacher!.EmbeddingWidth, encoder.Config.Device));
    }

    public IReadOnlyList<IPretrainingLoss> All => _losses;

    /// <summary>All that is trained; the layer is as <see cref="Training.ParameterGroups.Build"/> takes it.</summary>
    public IEnumerable<(string Name, Parameter Parameter, int? Layer)> Parameters()
    {
        bool predicts = _losses.Any(loss => loss is MaskedTokenLoss);
        foreach ((string name, Parameter parameter) in _model.named_parameters())
            if (name.StartsWith("encoder.", StringComparison.Ordinal))
                yield return (name, parameter, Depth(name));
            else if (predicts)
                yield return (name, parameter, null);
        foreach (IPretrainingLoss loss in _losses)
            foreach ((string name, Parameter parameter) in loss.Module?.named_parameters() ?? [])
                yield return ($"{loss.Name.Replace('-', '_')}.{name}", parameter, null);
    }

    /// <summary>0 for embeddings, 1 and up for layers.</summary>
    private static int Depth(string name)
    {
        const string Layers = "encoder.layers.";
        return name.StartsWith(Layers, StringComparison.Ordinal)
            ? int.Parse(name.AsSpan(Layers.Length, name.IndexOf('.', Layers.Length) - Layers.Length), System.Globalization.CultureInfo.InvariantCulture) + 1
            : 0;
    }

    public void Dispose()
    {
        foreach (IPretrainingLoss loss in _losses)
            loss.Module?.Dispose();
    }
}
