namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>The allow-list: the few names a file of weights needs, and what each means.</summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<(string Module, string Name), Func<object?[], object>> Functions = new()
    {
        [("collections", "OrderedDict")] = OrderedDict,
        [("torch._utils", "_rebuild_tensor_v2")] = Tensor,
        [("torch._utils", "_rebuild_parameter")] = Parameter,
    };

    private static readonly Dictionary<(string Module, string Name), TensorDType> Storages = new()
    {
        [("torch", "BoolStorage")] = TensorDType.Bool,
        [("torch", "ByteStorage")] = TensorDType.UInt8,
        [("torch", "CharStorage")] = TensorDType.Int8,
        [("torch", "ShortStorage")] = TensorDType.Int16,
        [("torch", "IntStorage")] = TensorDType.Int32,
        [("torch", "LongStorage")] = TensorDType.Int64,
        [("torch", "HalfStorage")] = TensorDType.Float16,
        [("torch", "BFloat16Storage")] = TensorDType.BFloat16,
        [("torch", "FloatStorage")] = TensorDType.Float32,
        [("torch", "DoubleStorage")] = TensorDType.Float64,
    };

    /// <summary>The name, if it is allowed.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static PickleGlobal Resolve(string module, string name)
    {
        if (Functions.ContainsKey((module, name)) || Storages.ContainsKey((module, name)))
            return new PickleGlobal(module, name);
        if (module == "torch" && name.EndsWith("Storage", StringComparison.Ordinal))
            throw new InvalidDataException($"it holds tensors of {module}.{name}, a type that cannot be read; convert them in Python");
        throw new InvalidDataException(
            $"it refers to '{name}' of module '{module}', which no file of weights needs; nothing was executed. " +
            "If you trust the file, load it in Python and save its state dict alone, best as safetensors");
    }

    /// <summary>What calling an allowed name gives.</summary>
    /// <exception cref="InvalidDataException">It is no function, or the arguments do not fit.</exception>
    public static object Call(object? callee, object? arguments) =>
        callee is PickleGlobal global && arguments is object?[] values && Functions.TryGetValue((global.Module, global.Name), out var function)
            ? function(values)
            : throw new InvalidDataException("it calls something that is not one of the allowed functions; nothing was executed");

    /// <summary>The storage behind a persistent id: <c>('storage', type, key, device, element count)</c>, and before PyTorch 1.6 at the end None, as no storage is part of another.</summary>
    public static PickleStorage Storage(object? id) =>
        id is object?[] parts && (parts.Length == 5 || (parts.Length == 6 && parts[5] is null)) && parts is ["storage", PickleGlobal type, string key, string, long count, ..] && count >= 0
            && Storages.TryGetValue((type.Module, type.Name), out TensorDType dtype)
            ? new PickleStorage(dtype, key, count)
            : throw new InvalidDataException("a persistent id is not of the form ('storage', type, key, device, element count)");

    // Filled by SETITEMS afterwards; a copy of items given here could be repeated without end.
    private static PickleDict OrderedDict(object?[] arguments) =>
        arguments.Length == 0 ? new PickleDict() : throw new InvalidDataException("an OrderedDict is built from arguments; expected none");

    // (storage, offset, size, stride, requires_grad, backward_hooks[, metadata])
    private static PickleTensor Tensor(object?[] arguments)
    {
        if (arguments is not [PickleStorage storage, long offset, object?[] size, object?[] stride, ..] || arguments.Length > 7)
            throw new InvalidDataException("the arguments of _rebuild_tensor_v2 are not (storage, offset, size, stride, …)");
        if (size.Length != stride.Length || size.Length > TensorInfo.MaxRank)
            throw new InvalidDataException($"a tensor has {size.Length} dimensions and {stride.Length} strides; expected as many of each, {TensorInfo.MaxRank} at most");
        return new PickleTensor(storage, offset, Integers(size), Integers(stride));
    }

    private static PickleTensor Parameter(object?[] arguments) =>
        arguments is [PickleTensor tensor, ..] ? tensor : throw new InvalidDataException("the first argument of _rebuild_parameter is not a tensor");

    private static long[] Integers(object?[] values) =>
        Array.ConvertAll(values, value => value is long number and >= 0 ? number : throw new InvalidDataException("a size or stride is not an integer from 0 on"));
}
