using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Peft;

/// <summary>What prefix-tuning and P-tuning v2 have in common: a prefix is placed, made by a network or not, and finished.</summary>
internal static class Prefixes
{
    /// <exception cref="ArgumentException">A prefix cannot begin so.</exception>
    public static void CheckInitialization(string method, PromptInitialization value, bool networked)
    {
        if (value is not (PromptInitialization.Random or PromptInitialization.Vocabulary))
            throw new ArgumentException($"{method}.{nameof(PrefixTuning.Initialization)} is {value}; expected {PromptInitialization.Random} or {PromptInitialization.Vocabulary}.");
        if (networked && value != PromptInitialization.Random)
            throw new ArgumentException($"{method}.{nameof(PrefixTuning.Initialization)} is {value}, but a network makes the prefix; expected {PromptInitialization.Random}, or no {nameof(PrefixTuning.Projection)}.");
    }

    /// <param name="context">The model.</param>
    /// <param name="length">How many keys and values a layer gets.</param>
    /// <param name="projection">Width of the hidden layer of the network; null for a table that trains as it is.</param>
    /// <param name="start">What such a table begins with.</param>
    /// <param name="dropout">Probability of dropout on keys and values.</param>
    /// <param name="physical">The physical layers that get a prefix; null for all.</param>
    public static void Place(PeftContext context, int length, int? projection, PromptInitialization start, double dropout, int[]? physical = null)
    {
        EncoderConfig config = context.Encoder.Config;
        LayerRange.Check(nameof(PrefixTuning), physical, config);
        int[] layers = [.. Enumerable.Range(0, config.LayerCount).Where(layer => physical?.Contains(config.PhysicalLayer(layer)) != false)];
        if (layers.Length == 0)
            throw new ArgumentException($"{nameof(PrefixTuning)}.{nameof(PrefixTuning.Layers)} is [{string.Join(", ", physical!)}]; expected some of the {config.PhysicalLayerCount} layers with weights of their own, counted from 0.");
        PromptVectors vectors = projection is { } hidden
            ? new PromptNetwork(length, [config.HiddenSize, hidden, layers.Length * 2 * config.HiddenSize], Activation.Tanh, context.Encoder.Embeddings.Word.Weight.device)
            : new PromptTable(PromptStart.Prefix(context.Encoder, length, start, layers));
        context.Place(KeyValuePrefix.Path, context.Encoder.KeyValueSite, new KeyValuePrefix(vectors, config, layers, dropout));
    }

    /// <summary>The table the network has come to make.</summary>
    public static FinishedMethod Finish(PeftAdapter adapter, PeftMethod finished)
    {
        var prefix = (KeyValuePrefix)adapter.Placed.Single().Module;
        return new FinishedMethod(finished, new Dictionary<string, TorchSharp.torch.Tensor>(
            [PromptFiles.Finished(KeyValuePrefix.Path, prefix.Vectors, prefix.Width)]));
    }
}
