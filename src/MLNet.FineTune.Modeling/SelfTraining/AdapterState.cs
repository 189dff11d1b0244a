using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.SelfTraining;

/// <summary>Everything that an adapter trains or keeps, as it was at one time; in main memory.</summary>
internal sealed class AdapterState : IDisposable
{
    private readonly Dictionary<string, Tensor> _values;
    private readonly Dictionary<string, string> _notes;

    private AdapterState(Dictionary<string, Tensor> values, Dictionary<string, string> notes) => (_values, _notes) = (values, notes);

    public static AdapterState Of(PeftAdapter adapter)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        return new AdapterState(Tensors(adapter).ToDictionary(item => item.Name, item => item.Tensor.detach().to(CPU, copy: true).DetachFromDisposeScope()), Notes(adapter));
    }

    /// <summary>A copy of what <see cref="SaveTo"/> put into a bag.</summary>
    public static AdapterState Of(StateBag bag) => new(bag.Tensors.ToDictionary(item => item.Key, item => item.Value.clone().DetachFromDisposeScope()), new Dictionary<string, string>(bag.Values));

    /// <summary>Puts the tensors of an adapter, as it is, into a bag.</summary>
    public static void Save(PeftAdapter adapter, StateBag bag)
    {
        foreach ((string name, Tensor tensor) in Tensors(adapter))
            bag.Tensors.Add(name, tensor.detach());
        foreach ((string name, string notes) in Notes(adapter))
            bag.Values.Add(name, notes);
    }

    /// <summary>Puts the tensors into a bag.</summary>
    public void SaveTo(StateBag bag)
    {
        foreach ((string name, Tensor value) in _values)
            bag.Tensors.Add(name, value);
        foreach ((string name, string notes) in _notes)
            bag.Values.Add(name, notes);
    }

    /// <summary>Gives an adapter of the same method on the same model these values.</summary>
    /// <exception cref="InvalidDataException">They are of another adapter.</exception>
    public void CopyTo(PeftAdapter adapter)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        foreach ((string name, Tensor tensor) in Tensors(adapter))
            tensor.copy_(_values.TryGetValue(name, out Tensor? value) ? value : throw new InvalidDataException($"It lacks the tensor '{name}'."));
        foreach (Placement placed in adapter.Placed)
        {
            placed.Module.Notes = _notes.GetValueOrDefault(placed.Name);
            placed.Module.CheckLoaded();
        }
        adapter.Model.WeightsChanged();
    }

    public void Dispose()
    {
        foreach (Tensor value in _values.Values)
            value.Dispose();
    }

    private static Dictionary<string, string> Notes(PeftAdapter adapter) =>
        adapter.Placed.Where(placed => placed.Module.Notes is not null).ToDictionary(placed => placed.Name, placed => placed.Module.Notes!);

    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(PeftAdapter adapter) =>
        adapter.Trainable.Select(p => (p.Name, (Tensor)p.Parameter)).Concat(adapter.State);
}
