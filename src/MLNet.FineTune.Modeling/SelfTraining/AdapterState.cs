using MLNet.FineTune.Peft;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.SelfTraining;

/// <summary>Everything that an adapter trains or keeps, as it was at one time; in main memory.</summary>
internal sealed class AdapterState : IDisposable
{
    private readonly Dictionary<string, Tensor> _values;

    private AdapterState(Dictionary<string, Tensor> values) => _values = values;

    public static AdapterState Of(PeftAdapter adapter)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        return new AdapterState(Tensors(adapter).ToDictionary(item => item.Name, item => item.Tensor.detach().to(CPU, copy: true).DetachFromDisposeScope()));
    }

    /// <summary>Gives an adapter of the same method on the same model these values.</summary>
    public void CopyTo(PeftAdapter adapter)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        foreach ((string name, Tensor tensor) in Tensors(adapter))
            tensor.copy_(_values[name]);
        adapter.Model.WeightsChanged();
    }

    public void Dispose()
    {
        foreach (Tensor value in _values.Values)
            value.Dispose();
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(PeftAdapter adapter) =>
        adapter.Trainable.Select(p => (p.Name, (Tensor)p.Parameter)).Concat(adapter.State);
}
