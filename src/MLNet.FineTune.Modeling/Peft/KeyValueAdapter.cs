using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A module that gives every layer further keys and values to attend to, before those of the text.</summary>
internal abstract class KeyValueAdapter(string name) : PeftModule(name)
{
    /// <summary>How far the positions of the text move up, because those before are the prefix's; zero where a prefix has none.</summary>
    public virtual int PositionShift => 0;

    /// <summary>None of the layers below a prefix is the bare encoder's; nor are the embeddings, where positions move.</summary>
    public override int? LowestLayer => PositionShift > 0 ? -1 : 0;

    /// <summary>Further keys and values of one layer.</summary>
    /// <param name="layer">The layer, counted as the encoder runs: where layers share weights, prefixes are still their own.</param>
    /// <param name="hidden">What the layer takes, [batch, length, hidden].</param>
    /// <returns>Two of [1 or batch, heads, prefix, head size] in the type of <paramref name="hidden"/>; null for a layer without.</returns>
    public abstract (Tensor Keys, Tensor Values)? Prefix(int layer, Tensor hidden);
}
