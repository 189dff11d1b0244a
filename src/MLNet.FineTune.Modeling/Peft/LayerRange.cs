using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Peft;

/// <summary>Layers of an encoder: those that an option names, and where it is divided.</summary>
internal static class LayerRange
{
    /// <summary>Checks that the encoder has the layers that an option names.</summary>
    /// <param name="method">The options record.</param>
    /// <param name="layers">Physical layers, counted from zero; null for all.</param>
    /// <param name="config">The encoder.</param>
    /// <exception cref="ArgumentException">It lacks one.</exception>
    public static void Check(string method, int[]? layers, EncoderConfig config)
    {
        int count = config.PhysicalLayerCount;
        OptionRange.Require(layers is null || layers.All(layer => layer >= 0 && layer < count), method, nameof(Lora.Layers), $"[{string.Join(", ", layers ?? [])}]",
            count == 1 ? "[0], the only layer with weights of its own" : $"some of the {count} layers with weights of their own, 0 to {count - 1}");
    }

    /// <summary>Lets all parameters of the layers from <paramref name="first"/> on train.</summary>
    /// <exception cref="ArgumentException">The layers below use the same weights.</exception>
    public static void TrainFrom(PeftContext context, int first, string option)
    {
        int lowest = Lowest(context.Encoder.Config, first, option);
        context.Train(name => PeftAdapter.LayerOf(name) >= lowest);
    }

    /// <summary>The lowest physical layer of those from <paramref name="first"/> on; the layer count where there are none.</summary>
    /// <param name="config">The encoder.</param>
    /// <param name="first">A layer, counted as the encoder runs.</param>
    /// <param name="option">What decides it, for the message.</param>
    /// <exception cref="ArgumentException">The layers below use the same weights.</exception>
    public static int Lowest(EncoderConfig config, int first, string option)
    {
        if (first == config.LayerCount)
            return config.PhysicalLayerCount;
        int physical = config.PhysicalLayer(first);
        if (first > 0 && config.PhysicalLayer(first - 1) == physical)
            throw new ArgumentException($"{option} divides the encoder's {config.LayerCount} layers before layer {first}, which shares its weights with the layer below; choose a boundary between layers with weights of their own, or a method that trains all.");
        return physical;
    }
}
