namespace MLNet.FineTune;

/// <summary>What <see cref="FineTuningCatalog.GreedySoup"/> made.</summary>
/// <typeparam name="TModel">The models' type.</typeparam>
/// <param name="Model">The averaged model, to be disposed when it is no longer used.</param>
/// <param name="Ingredients">The models that are in it, by their places in the list, in the order they were added.</param>
/// <param name="Metric">Its metric on the validation set.</param>
/// <param name="ModelMetrics">The metric of each model alone.</param>
public sealed record GreedySoup<TModel>(TModel Model, IReadOnlyList<int> Ingredients, double Metric, IReadOnlyList<double> ModelMetrics)
    where TModel : FineTunedTextTransformer;
