namespace MLNet.FineTune.Peft;

/// <summary>What our names of a model's parameters say of them.</summary>
internal static class ParameterNames
{
    public static bool InEncoder(string name) => name.StartsWith("encoder.", StringComparison.Ordinal);

    /// <summary>An added vector: of a projection or of a LayerNorm.</summary>
    public static bool IsBias(string name) => name.EndsWith(".bias", StringComparison.Ordinal);

    /// <summary>The gain or bias of a LayerNorm of the encoder.</summary>
    public static bool IsNorm(string name) => InEncoder(name) && Module(name).EndsWith("norm", StringComparison.Ordinal);

    /// <summary>The path of the module that has the parameter.</summary>
    public static string Module(string name) => name[..name.LastIndexOf('.')];
}
