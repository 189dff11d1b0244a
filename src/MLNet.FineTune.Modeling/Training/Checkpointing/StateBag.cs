using TorchSharp;

namespace MLNet.FineTune.Training;

/// <summary>Named tensors and strings: what a part of a training run needs to go on where it stopped.</summary>
/// <remarks>A bag refers to tensors and does not own them; who keeps one beyond the call copies it.</remarks>
internal sealed class StateBag
{
    public Dictionary<string, torch.Tensor> Tensors { get; } = [];

    public Dictionary<string, string> Values { get; } = [];

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public torch.Tensor Tensor(string name) =>
        Tensors.TryGetValue(name, out torch.Tensor? tensor) ? tensor : throw new InvalidDataException($"It lacks the tensor '{name}'.");

    /// <summary>The text of that name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public string Value(string name) =>
        Values.TryGetValue(name, out string? value) ? value : throw new InvalidDataException($"It lacks the entry '{name}'.");

    /// <summary>Adds the contents of <paramref name="part"/>, each name below <paramref name="prefix"/>.</summary>
    public void Add(string prefix, StateBag part)
    {
        foreach ((string name, torch.Tensor tensor) in part.Tensors)
            Tensors.Add($"{prefix}/{name}", tensor);
        foreach ((string name, string value) in part.Values)
            Values.Add($"{prefix}/{name}", value);
    }

    /// <summary>The contents whose names lie below <paramref name="prefix"/>, without it.</summary>
    public StateBag Part(string prefix)
    {
        var part = new StateBag();
        foreach ((string name, torch.Tensor tensor) in Tensors)
            if (name.StartsWith(prefix + '/', StringComparison.Ordinal))
                part.Tensors.Add(name[(prefix.Length + 1)..], tensor);
        foreach ((string name, string value) in Values)
            if (name.StartsWith(prefix + '/', StringComparison.Ordinal))
                part.Values.Add(name[(prefix.Length + 1)..], value);
        return part;
    }
}
