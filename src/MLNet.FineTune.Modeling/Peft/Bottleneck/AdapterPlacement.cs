namespace MLNet.FineTune;

/// <summary>Where a bottleneck adapter reads and writes, relative to its sublayer.</summary>
public enum AdapterPlacement
{
    /// <summary>After the sublayer: it reads what the sublayer gives (Houlsby et al. 2019).</summary>
    Serial,

    /// <summary>After the sublayer, reading its output with the residual added and normalised (Pfeiffer et al. 2020).</summary>
    SerialNormalized,

    /// <summary>Beside the sublayer: it reads what the sublayer takes (He et al. 2021).</summary>
    Parallel,
}
