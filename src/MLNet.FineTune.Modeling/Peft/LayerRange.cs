using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Peft;

/// <summary>Divides an encoder at a layer, counted as the encoder runs.</summary>
internal static class LayerRange
{
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
