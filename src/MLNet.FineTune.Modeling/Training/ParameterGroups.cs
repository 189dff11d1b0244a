using TorchSharp.Modules;

namespace MLNet.FineTune.Training;

/// <summary>Sorts a model's parameters into groups of equal weight decay and learning rate.</summary>
internal static class ParameterGroups
{
    /// <summary>Builds the groups; parameters that need no gradient are left out.</summary>
    /// <param name="parameters">
    /// Name, parameter and depth: 0 for embeddings, 1 … <paramref name="layerCount"/> for encoder layers from below,
    /// <see langword="null"/> for the head and all else above the encoder.
    /// </param>
    /// <param name="options">Gives the weight decay and the layer-wise decay of the learning rate.</param>
    /// <param name="layerCount">How many encoder layers the model has.</param>
    /// <param name="scales">A further factor on the rate of each parameter, by name; null for none.</param>
    /// <remarks>
    /// Layer-wise decay as in ELECTRA (arXiv 2003.10555): layer k learns at rate · decay^(layerCount + 1 − k), so the
    /// head at the full rate and the embeddings at the lowest.
    /// </remarks>
    /// <exception cref="ArgumentException">A layer lies outside 0 … layerCount, a name occurs twice, or nothing is trainable.</exception>
    public static IReadOnlyList<ParameterGroup> Build(
        IEnumerable<(string Name, Parameter Parameter, int? Layer)> parameters, TrainingOptions options, int layerCount, IReadOnlyDictionary<string, double>? scales = null)
    {
        var names = new HashSet<string>();
        var groups = new Dictionary<(double Decay, double Scale), List<NamedParameter>>();
        foreach ((string name, Parameter parameter, int? layer) in parameters)
        {
            if (!parameter.requires_grad)
                continue;
            if (layer is < 0 || layer > layerCount)
                throw new ArgumentException($"Parameter '{name}' is said to be in layer {layer}; expected 0 (embeddings) to {layerCount}, or null (head).", nameof(parameters));
            if (!names.Add(name))
                throw new ArgumentException($"The parameter name '{name}' occurs twice; expected unique names.", nameof(parameters));

            var key = (IsDecayed(name, parameter) ? options.WeightDecay : 0.0, Scale(options.LayerwiseLearningRateDecay, layerCount, layer) * (scales?[name] ?? 1));
            if (!groups.TryGetValue(key, out List<NamedParameter>? members))
                groups.Add(key, members = []);
            members.Add(new NamedParameter(name, parameter));
        }
        if (groups.Count == 0)
            throw new ArgumentException("No parameter is trainable: all have requires_grad = false.", nameof(parameters));
        return [.. groups.Select(group => new ParameterGroup(group.Value, group.Key.Decay, group.Key.Scale))];
    }

    /// <summary>Biases and normalisation gains keep their size: decaying them towards zero is no regulariser.</summary>
    private static bool IsDecayed(string name, Parameter parameter) =>
        parameter.Dimensions >= 2
        && !name.EndsWith("bias", StringComparison.OrdinalIgnoreCase)
        && !name.Contains("norm", StringComparison.OrdinalIgnoreCase);

    private static double Scale(double decay, int layerCount, int? layer) =>
        layer is { } depth ? Math.Pow(decay, layerCount + 1 - depth) : 1.0;
}
