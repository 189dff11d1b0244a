using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Keys and values of a prefix, multiplied in every layer by the gate of what the layer takes.</summary>
internal sealed class GatedKeyValue : KeyValueAdapter
{
    private readonly KeyValueAdapter _module;
    private readonly Gate[] _gates;

    public GatedKeyValue(KeyValueAdapter module, EncoderConfig encoder) : base(nameof(GatedKeyValue))
    {
        _module = module;
        _gates = [.. Enumerable.Range(0, encoder.LayerCount).Select(_ => new Gate(encoder.HiddenSize, encoder.Device))];
        for (int layer = 0; layer < _gates.Length; layer++)
            Register($"gate{layer}", _gates[layer]);
    }

    public override bool Active { get => _module.Active; set => _module.Active = value; }

    public override int PositionShift => _module.PositionShift;

    public override (Tensor Keys, Tensor Values)? Prefix(int layer, Tensor hidden)
    {
        if (_module.Prefix(layer, hidden) is not { } prefix)
            return null;
        Tensor gate = _gates[layer].Forward(hidden).unsqueeze(-1); // [batch, 1, 1, 1]
        return (prefix.Keys * gate, prefix.Values * gate);
    }
}
