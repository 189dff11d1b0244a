namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>A Python dict or OrderedDict, in the order of its items.</summary>
internal sealed class PickleDict
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    public object? this[string key] => Items.LastOrDefault(item => item.Key is string text && text == key).Value;
}

/// <summary>A name that the pickle may refer to; what it does is decided here, nothing is looked up or run.</summary>
internal sealed record PickleGlobal(string Module, string Name);

/// <summary>A storage: a run of elements in the archive entry <c>data/{Key}</c>.</summary>
internal sealed record PickleStorage(TensorDType DType, string Key, long Count);

/// <summary>A tensor: a strided window on a storage; the shape is valid, the window is not yet held against the storage.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);
