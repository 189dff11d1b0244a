using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune.Models;

/// <summary>Switches a model and its adapter between training and evaluation.</summary>
/// <remarks>
/// The part of the encoder below the lowest layer that trains or carries a module is deterministic in training too, without
/// dropout: its outputs for a text are then always the same.
/// </remarks>
internal sealed class TrainingMode(TaskModel model, PeftAdapter adapter)
{
    public void Train()
    {
        model.train();
        adapter.Train(true);
        TransformerEncoder encoder = model.Encoder;
        if (adapter.FrozenLayers < 0)
            return;
        encoder.Embeddings.eval();
        EncoderConfig config = encoder.Config;
        var varying = Enumerable.Range(adapter.FrozenLayers, config.LayerCount - adapter.FrozenLayers).Select(config.PhysicalLayer).ToHashSet();
        for (int layer = 0; layer < encoder.Layers.Count; layer++)
            if (!varying.Contains(layer))
                encoder.Layers[layer].eval();
    }

    /// <summary>Runs something in evaluation mode and returns to training.</summary>
    public T Evaluate<T>(Func<T> evaluate)
    {
        model.eval();
        adapter.Train(false);
        try
        {
            return evaluate();
        }
        finally
        {
            Train();
        }
    }
}
