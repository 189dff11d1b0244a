namespace MLNet.FineTune;

/// <summary>Which biases of the base model train along with <see cref="Lora"/>.</summary>
public enum LoraBias
{
    /// <summary>None.</summary>
    None,

    /// <summary>Those of the projections that get an update.</summary>
    LoraOnly,

    /// <summary>All biases of the model.</summary>
    All,
}
