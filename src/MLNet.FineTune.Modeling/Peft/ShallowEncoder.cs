using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Peft;

/// <summary>Where a default depends on the depth: in a few layers query and value alone, or a narrow bottleneck, change too little.</summary>
internal static class ShallowEncoder
{
    /// <summary>What has so many layers is not shallow.</summary>
    public const int EnoughLayers = 4;

    /// <param name="layers">Layers, counted as the encoder runs.</param>
    public static bool Has(int layers) => layers < EnoughLayers;

    /// <summary>The projections that get a low-rank update or the like where none are named: query and value; in shallow encoders, all inside the layers.</summary>
    public static TargetModules Targets(EncoderConfig encoder) => Has(encoder.LayerCount) ? TargetModules.AllLinear : TargetModules.Query | TargetModules.Value;
}
