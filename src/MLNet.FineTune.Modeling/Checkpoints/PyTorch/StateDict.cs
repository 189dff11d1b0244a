namespace MLNet.FineTune.Checkpoints.PyTorch;

/// <summary>Finds the state dict in what a pickle describes: the object itself, or one wrapped with training state.</summary>
internal static class StateDict
{
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model"];

    /// <summary>The tensors by name; other values are left out.</summary>
    /// <exception cref="InvalidDataException">There are none.</exception>
    public static IEnumerable<KeyValuePair<string, PickleTensor>> Find(object? root, string location)
    {
        if (root is not PickleDict dict)
            throw new InvalidDataException($"{location}: the file does not hold a dict of tensors; save a model's state_dict().");
        PickleDict state = Wrappers.Select(key => dict[key]).OfType<PickleDict>().FirstOrDefault() ?? dict;
        KeyValuePair<string, PickleTensor>[] tensors =
            [.. from item in state.Items where item is { Key: string, Value: PickleTensor } select KeyValuePair.Create((string)item.Key!, (PickleTensor)item.Value!)];
        if (tensors.Length == 0)
        {
            string keys = string.Join(", ", dict.Items.Select(item => item.Key as string ?? "(no text)").Take(8));
            throw new InvalidDataException($"{location}: the dict in the file has no tensors (its keys: {(keys.Length == 0 ? "none" : keys)}); save a model's state_dict().");
        }
        return tensors;
    }
}
